"""VERBS: send a person to their identity provider, with a handle that works once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.refusals import Conflict, NotFound, SignInRefused
from app.domain.role import Access
from app.domain.secret import digest
from app.hookspecs import Attempt, PostForm, Redirect, SsoHandler
from app.services.sso.handlers import HandlerFailed, ask, handler_named, require_onward
from app.services.sso.our_side import as_contract
from app.services.sso.set_up import provider_of
from app.store.database import add, transaction
from app.store.identity_providers import IdentityProviderRow, identity_provider
from app.store.sso_attempts import Purpose, SsoAttempt

LASTS = timedelta(minutes=15)
HANDLE_BYTES = 24
LONGEST_ONWARD = 2_000


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it carries meanwhile so that only it can come back."""

    onward: Redirect | PostForm
    browser: str


def public_provider(public_id: str) -> IdentityProviderRow:
    """Find an identity provider for a stranger; `NotFound` in a deleted workspace."""
    row = identity_provider(public_id)
    if row is None or row.account.deleted_at is not None:
        raise NotFound
    return row


def begin_sign_in(
    public_id: str, browser: str | None, onward: str, now: datetime, login_hint: str | None = None
) -> Begun:
    """Begin a sign-in; `NotFound` while the identity provider is off."""
    row = public_provider(public_id)
    if not row.is_on:
        raise NotFound
    return _begin(row, browser, onward, now, login_hint=login_hint)


def begin_test(access: Access, public_id: str, browser: str | None, now: datetime) -> Begun:
    """Begin a sign-in that changes nothing here and is recorded in full."""
    row = provider_of(access, public_id)
    if not row.document:
        raise Conflict("Tell Coffer about your identity provider first.")
    return _begin(row, browser, "", now, tester=access.person_id)


def _begin(
    row: IdentityProviderRow,
    browser: str | None,
    onward: str,
    now: datetime,
    *,
    tester: int | None = None,
    login_hint: str | None = None,
) -> Begun:
    attempt = Attempt(
        secrets.token_urlsafe(HANDLE_BYTES),
        f"_{secrets.token_hex(16)}",
        now,
        login_hint=login_hint,
    )
    provider = as_contract(row)

    def work(handler: SsoHandler) -> Redirect | PostForm:
        return require_onward(handler.begin(provider, attempt))

    try:
        sent = ask(handler_named(row.handler, now), "begin", work)
    except HandlerFailed as failure:
        raise SignInRefused(
            "This sign-in can't begin. Tell who looks after it in your company."
        ) from failure
    browser = browser or secrets.token_urlsafe(HANDLE_BYTES)
    with transaction():
        add(
            SsoAttempt(
                handle_hash=digest(attempt.handle),
                idp_id=row.id,
                purpose=Purpose.SIGN_IN if tester is None else Purpose.TEST,
                request_id=attempt.request_id,
                browser_hash=digest(browser),
                kept=dict(sent.keep),
                onward=onward if len(onward) <= LONGEST_ONWARD else "",
                person_id=tester,
                begun_at=now,
                expires_at=now + LASTS,
            )
        )
    return Begun(sent, browser)
