"""The answer that a browser brings, and the tokens that its code is exchanged for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus

from app.hookspecs import Arrival, Attempt, Fetched, IdentityProvider
from plugins._checks import Checks, Failed, shown
from plugins.sso_oidc.asking import Asking
from plugins.sso_oidc.discovery import Discovery
from plugins.sso_oidc.reading import object_in

OK = 200
LONGEST_CODE = 8 * 1024
LARGEST = 256 * 1024
HINTS = {
    "invalid_client": "Is the client ID right, and the client secret right and not expired?",
    "invalid_grant": "Is the redirect URI there exactly the one of Coffer? Codes work once.",
    "unauthorized_client": "Allow the authorization code flow for this application.",
    "access_denied": "The person refused, or is not assigned to this application.",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str
    access_token: str | None


def read_answer(arrival: Arrival, attempt: Attempt, discovery: Discovery, checks: Checks) -> str:
    """Check the answer that a browser brought, and give its code; raises `Failed`."""
    checks.require(
        "method",
        arrival.method == "GET",
        "The answer came by redirect.",
        "The answer came as a form, which Coffer didn't ask for.",
    )
    error = arrival.only("error")
    checks.require(
        "answered",
        error is None,
        "The identity provider reports no error.",
        _said(error, arrival.only("error_description")),
    )
    issuers = [value for name, value in arrival.fields if name == "iss"]
    checks.require(
        "issuer_of_answer",
        issuers == [discovery.issuer] or (not issuers and not discovery.says_issuer),
        "The answer is of this identity provider.",
        f"The answer is of {shown(issuers)}, not of {discovery.issuer}.",
    )
    checks.require(
        "state",
        arrival.only("state") == attempt.handle,
        "The answer belongs to this sign-in.",
        "The answer doesn't belong to this sign-in.",
    )
    code = arrival.only("code") or ""
    checks.require(
        "code",
        0 < len(code) <= LONGEST_CODE and code.isascii() and code.isprintable(),
        "The answer has one code.",
        "The answer has no code that can be used, or several.",
    )
    return code


def redeem(
    code: str,
    provider: IdentityProvider,
    attempt: Attempt,
    discovery: Discovery,
    asking: Asking,
    checks: Checks,
) -> Tokens:
    """Exchange a code at the token endpoint; raises `Failed`."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.ours.answer_url,
        "code_verifier": attempt.kept.get("verifier", ""),
    }
    headers, more = _proof(discovery.client_auth, provider.values)
    answer = asking.ask("token_endpoint", discovery.token, {**form, **more}, headers)
    checks.passed("token_endpoint", "The identity provider could be asked.")
    found = object_in(answer.body) if len(answer.body) <= LARGEST else None
    checks.require(
        "redeemed",
        answer.status == OK,
        "The identity provider accepted the code and our client secret.",
        _refused(answer, found or {}),
    )
    token, access = (found or {}).get("id_token"), (found or {}).get("access_token")
    if not isinstance(token, str) or not token:
        raise Failed(
            "tokens",
            "The identity provider gave no ID token. Is it set up for OpenID Connect, and allows "
            f"the scope “openid”? {discovery.token} answered: {shown(sorted(found or {}))}.",
        )
    checks.passed("tokens", "The identity provider gave an ID token.")
    is_usable = isinstance(access, str) and access.isascii() and access.isprintable()
    return Tokens(token, access if is_usable else None)


def _proof(
    method: str, values: Mapping[str, str | int | bool]
) -> tuple[dict[str, str], dict[str, str]]:
    """How we prove ourselves, as headers and fields: RFC 6749, section 2.3.1."""
    client_id, secret = str(values["client_id"]), str(values["client_secret"])
    if method == "client_secret_post":
        return {}, {"client_id": client_id, "client_secret": secret}
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}


def _refused(answer: Fetched, found: Mapping[str, object]) -> str:
    if isinstance(error := found.get("error"), str):
        return _said(error, found.get("error_description"))
    return f"The identity provider refused the code with status {answer.status}, without a reason."


def _said(error: str | None, more: object) -> str:
    details = f": {shown(more)}" if isinstance(more, str) and more else ""
    hint = HINTS.get(error or "", "")
    return f"The identity provider says {shown(error)}{details}. {hint}".strip()
