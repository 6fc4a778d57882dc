"""What an ID token has to say to be believed: OpenID Connect Core 1.0, section 3.1.3.7.

Each rule is checked here, one by one, so that an administrator reads which one failed; at the end
Authlib checks them in its own way.
"""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken

from app.hookspecs import Attempt, Once
from plugins._checks import Checks, Failed, shown
from plugins.sso_oidc.discovery import Discovery
from plugins.sso_oidc.reading import texts_in
from plugins.sso_oidc.signature import Signed

# A token comes straight from the identity provider, and attempts last so long. Entra ID dates its
# tokens back by five minutes, so that nothing can be told from an instant before the attempt's.
YOUNG = timedelta(minutes=15)
LONGEST_SKEW = 300
LONGEST_SUB = 255
LONGEST_SUBJECT = 255
LAST_INSTANT = 253_402_300_799  # the end of the year 9999, in seconds


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token is judged by. `skew` is in seconds."""

    discovery: Discovery
    client_id: str
    attempt: Attempt
    access_token: str | None
    now: datetime
    skew: int


def judge_claims(signed: Signed, expected: Expected, checks: Checks) -> tuple[Once, ...]:
    """Check what an ID token says, or raise `Failed`; gives what may be used once."""
    claims = signed.claims
    _for_us(claims, expected, checks)
    until = _in_time(claims, expected, checks)
    _for_this_request(claims, expected, checks)
    _with_access_token(signed, expected, checks)
    _subject(claims, checks)
    _library(signed, expected, checks)
    jti = claims.get("jti")
    ids = [f"nonce:{claims['nonce']}"] + ([f"jti:{jti}"] if isinstance(jti, str) and jti else [])
    return tuple(Once(each, until) for each in ids)


def subject_of(claims: dict[str, Any]) -> str:
    """The lasting name of a person: issuer and `sub`, which no other issuer can have."""
    subject = f"{claims['iss']}#{claims['sub']}"
    if len(subject) <= LONGEST_SUBJECT:
        return subject
    return f"sha256:{hashlib.sha256(subject.encode()).hexdigest()}"


def skew_of(value: object) -> int:
    """Seconds by which clocks may differ, at most five minutes."""
    return min(max(value, 0), LONGEST_SKEW) if isinstance(value, int) else 60


def _for_us(claims: dict[str, Any], expected: Expected, checks: Checks) -> None:
    issuer, client_id = expected.discovery.issuer, expected.client_id
    checks.require(
        "issuer",
        claims.get("iss") == issuer,
        f"The ID token is of {issuer}.",
        f"The ID token is of {shown(claims.get('iss'))}, not of {issuer}.",
    )
    given = claims.get("aud")
    audiences = (given,) if isinstance(given, str) else texts_in(given)
    checks.require(
        "audience",
        client_id in audiences,
        "The ID token is for Coffer.",
        f"The ID token is for {shown(given)}, not for the client ID {client_id}.",
    )
    party = claims.get("azp")
    checks.require(
        "authorized_party",
        party == client_id if "azp" in claims or len(audiences) > 1 else True,
        "It was issued to Coffer and nobody else.",
        f"It was issued to {shown(party)} (azp), not to the client ID {client_id} alone.",
    )


def _in_time(claims: dict[str, Any], expected: Expected, checks: Checks) -> datetime:
    """Check all instants; gives the one after which the token is refused anyway."""
    now, skew = expected.now.timestamp(), expected.skew
    hint = "Check the clocks of both sides."
    ends, issued = (_instant(claims, name, checks) for name in ("exp", "iat"))
    checks.require(
        "expiry",
        now < ends + skew,
        f"The ID token is good until {_spelled(ends)}.",
        f"The ID token was good until {_spelled(ends)}, and now it is {_spelled(now)}. {hint}",
    )
    begins = _instant(claims, "nbf", checks) if "nbf" in claims else issued
    checks.require(
        "not_before",
        max(begins, issued) <= now + skew,
        f"The ID token is good since {_spelled(begins)}.",
        f"The ID token is good from {_spelled(max(begins, issued))} only, and now it is "
        f"{_spelled(now)}. {hint}",
    )
    checks.require(
        "issued",
        issued >= now - YOUNG.total_seconds() - skew,
        f"The ID token was issued {_spelled(issued)}.",
        f"The ID token was issued {_spelled(issued)}, long before this sign-in. {hint}",
    )
    last = min(ends, issued + YOUNG.total_seconds()) + skew
    return datetime.fromtimestamp(math.ceil(last), UTC)


def _instant(claims: dict[str, Any], name: str, checks: Checks) -> float:
    value: Any = claims.get(name)
    if not _is_instant(value):
        raise Failed("instants", f"The ID token's {name} is {shown(value)}, which is no instant.")
    checks.passed("instants", "The ID token says when it is good.")
    return float(value)


def _is_instant(value: Any) -> bool:  # noqa: ANN401 - whatever a claim holds
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= LAST_INSTANT


def _for_this_request(claims: dict[str, Any], expected: Expected, checks: Checks) -> None:
    nonce, attempt = claims.get("nonce"), expected.attempt
    checks.require(
        "request",
        nonce == attempt.request_id,
        "It answers the request of this sign-in.",
        f"It answers another request than this sign-in's: its nonce is {shown(nonce)}.",
    )
    if attempt.kept.get("again"):
        proved: Any = claims.get("auth_time")
        checks.require(
            "authenticated",
            _is_instant(proved) and proved >= attempt.began_at.timestamp() - expected.skew,
            "The person proved themselves anew.",
            f"The person did not prove themselves anew: auth_time is {shown(proved)}.",
        )


def _with_access_token(signed: Signed, expected: Expected, checks: Checks) -> None:
    given, access = signed.claims.get("at_hash"), expected.access_token
    if given is None:
        return
    digest = hashlib.new(f"sha{signed.algorithm[2:]}", (access or "").encode()).digest()
    right = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    checks.require(
        "access_token",
        access and given == right.decode(),
        "ID token and access token belong together.",
        "ID token and access token don't belong together: at_hash is another's.",
    )


def _subject(claims: dict[str, Any], checks: Checks) -> None:
    sub = claims.get("sub")
    checks.require(
        "subject",
        isinstance(sub, str)
        and 0 < len(sub) <= LONGEST_SUB
        and sub.isprintable()
        and sub == sub.strip(),
        "The person has a lasting name (sub).",
        f"The person has no lasting name that can be used: sub is {shown(sub)}.",
    )


def _library(signed: Signed, expected: Expected, checks: Checks) -> None:
    """Let Authlib check the same claims."""
    issuer, client_id = expected.discovery.issuer, expected.client_id
    token = CodeIDToken(
        signed.claims,
        signed.header,
        {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
        },
        {
            "nonce": expected.attempt.request_id,
            "client_id": client_id,
            "access_token": expected.access_token,
        },
    )
    try:
        token.validate(int(expected.now.timestamp()), expected.skew)
    except Exception as error:
        raise Failed("library", f"Authlib doesn't accept it: {shown(error)}.") from error
    checks.passed("library", "Authlib accepts it, too.")


def _spelled(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
