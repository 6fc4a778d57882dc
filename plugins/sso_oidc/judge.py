"""The judgement of one answer, from the browser's to who the person is."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from app.hookspecs import (
    Arrival,
    Attempt,
    BadDocument,
    Fetch,
    IdentityProvider,
    NotProven,
    Once,
    Proven,
)
from plugins._checks import Checks, Failed
from plugins.sso_oidc.asking import Asking
from plugins.sso_oidc.discovery import Discovery, read_discovery
from plugins.sso_oidc.exchange import Tokens, read_answer, redeem
from plugins.sso_oidc.id_token import Expected, judge_claims, skew_of, subject_of
from plugins.sso_oidc.keys import KeyKeeper
from plugins.sso_oidc.person import attributes_of, read_person, userinfo
from plugins.sso_oidc.signature import Signatures

LONGEST_HINT = 3_000  # it travels in a header of ours, for which proxies have 4 KiB


class Judge:
    """Judges answers of identity providers; keeps nothing but their public keys."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keeper = KeyKeeper()

    def judge(
        self, provider: IdentityProvider, attempt: Attempt | None, arrival: Arrival, now: datetime
    ) -> Proven | NotProven:
        """Say who signed in, or which check failed."""
        checks = Checks()
        said: dict[str, Any] = {}
        try:
            return self._proven(provider, attempt, arrival, now, checks, said)
        except Failed as failure:
            return NotProven(checks.with_failed(failure.check), attributes_of(said))

    def _proven(
        self,
        provider: IdentityProvider,
        attempt: Attempt | None,
        arrival: Arrival,
        now: datetime,
        checks: Checks,
        said: dict[str, Any],
    ) -> Proven:
        if attempt is None:
            raise Failed("begun_here", "OpenID Connect's sign-ins always begin at Coffer.")
        checks.passed("begun_here", "The sign-in began at Coffer.")
        discovery, asking = _discovery(provider), Asking(self._fetch)
        code = read_answer(arrival, attempt, discovery, checks)
        tokens = redeem(code, provider, attempt, discovery, asking, checks)
        signed = Signatures(discovery, self._keeper, asking, now).read(tokens.id_token, checks)
        claims = signed.claims
        said.update(claims)
        skew = skew_of(provider.values.get("clock_skew_seconds"))
        client_id = str(provider.values["client_id"])
        expected = Expected(discovery, client_id, attempt, tokens.access_token, now, skew)
        once = judge_claims(signed, expected, checks)
        told = userinfo(claims, discovery, tokens.access_token, asking, checks)
        said.update({**told, **claims})
        person = read_person(claims, discovery, provider.values, told, checks)
        session = claims.get("sid")
        return Proven(
            subject=subject_of(claims),
            email=person.email,
            once=(_once(code, once), *once),
            checks=checks.all,
            name=person.name,
            attributes=attributes_of(said),
            session=session if isinstance(session, str) else None,
            kept=_kept(provider, tokens),
        )


def _discovery(provider: IdentityProvider) -> Discovery:
    try:
        return read_discovery(provider.document)
    except BadDocument as refused:
        raise Failed("document", str(refused)) from None


def _once(code: str, others: tuple[Once, ...]) -> Once:
    return Once(f"code:{hashlib.sha256(code.encode()).hexdigest()}", others[0].until)


def _kept(provider: IdentityProvider, tokens: Tokens) -> dict[str, str]:
    """The ID token names the session to end at the identity provider, if that is wanted."""
    wanted = provider.values.get("tell_sign_out") is True
    return {"hint": tokens.id_token} if wanted and len(tokens.id_token) < LONGEST_HINT else {}
