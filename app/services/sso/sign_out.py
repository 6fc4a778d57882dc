"""VERBS: single logout. The other side ends our sessions, or is told that one ended here."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.domain.refusals import Refusal, SignInRefused
from app.domain.secret import digest
from app.hookspecs import (
    Arrival,
    Attempt,
    Check,
    NotProven,
    PostForm,
    Redirect,
    SignedOn,
    SignedOut,
    SignOut,
    SsoHandler,
)
from app.services.audit.note import note
from app.services.sso.begin import public_provider
from app.services.sso.believe import NotBelieved, use_once
from app.services.sso.handlers import (
    HandlerFailed,
    ask,
    handler_named,
    judged,
    not_proven,
    require_onward,
)
from app.services.sso.our_side import as_contract
from app.services.sso.record import Flight, Visitor, note_flight, write_flight
from app.store.database import transaction
from app.store.identities import end_sso_sessions, sso_session
from app.store.identity_providers import IdentityProviderRow, identity_provider_by_id
from app.store.sso_records import RecordKind


def read_sign_out(
    public_id: str, arrival: Arrival, visitor: Visitor, now: datetime
) -> Redirect | PostForm | None:
    """End the sessions that the other side provably wants ended; None when it answered ours.

    Returns where the browser goes with our answer; raises `SignInRefused`.
    """
    row = public_provider(public_id)
    found = _judged(row, arrival, now)
    if isinstance(found, SignOut):
        try:
            return _ended(row.id, found, visitor, now)
        except NotBelieved as refusal:
            found = NotProven((*found.checks, refusal.check))
    if isinstance(found, NotProven):
        note_flight(row.id, Flight(RecordKind.STRAY, found.checks), visitor, now)
        raise SignInRefused("This sign-out can't be accepted. Sign out here instead.")
    return None


def tell_signed_out(token: str, now: datetime) -> Redirect | PostForm | None:
    """Where the browser tells the other side that this session ends here, if it wants to know.

    Call it before the session ends. Nothing keeps anybody from signing out.
    """
    known = sso_session(digest(token))
    row = identity_provider_by_id(known.idp_id) if known else None
    if known is None or row is None:
        return None
    attempt = Attempt(secrets.token_urlsafe(24), f"_{secrets.token_hex(16)}", now)
    signed_on = SignedOn(known.subject, known.session, known.kept)

    def work(handler: SsoHandler) -> Redirect | PostForm | None:
        onward = handler.begin_sign_out(provider, signed_on, attempt)
        return None if onward is None else require_onward(onward)

    try:
        provider = as_contract(row)
        return ask(handler_named(row.handler, now), "begin_sign_out", work)
    except (HandlerFailed, Refusal):
        return None


def _judged(
    row: IdentityProviderRow, arrival: Arrival, now: datetime
) -> SignOut | SignedOut | NotProven:
    try:
        brought, provider = handler_named(row.handler, now), as_contract(row)
    except (HandlerFailed, Refusal) as failure:
        return not_proven("handler", str(failure))
    found: SignOut | SignedOut | NotProven = judged(
        brought,
        "read_sign_out",
        lambda handler: handler.read_sign_out(provider, arrival, now),
        SignOut,
        SignedOut,
    )
    return found


def _ended(idp_id: int, asked: SignOut, visitor: Visitor, now: datetime) -> Redirect | PostForm:
    with transaction():
        used: Check = use_once(idp_id, asked.once, now)
        ended = end_sso_sessions(idp_id, asked.subject, asked.sessions)
        if ended and (row := identity_provider_by_id(idp_id)):
            after = {"sessions": ended, "subject": asked.subject}
            note("sso.sessions_ended", row.account_id, now, about=row.name, after=after)
        words = f"{ended} of the sessions that it began ended."
        flight = Flight(RecordKind.SIGN_OUT, (*asked.checks, used), words, asked.subject)
        write_flight(idp_id, flight, visitor, now)
    return asked.onward
