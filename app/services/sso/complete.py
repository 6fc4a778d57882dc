"""VERB: judge what an identity provider answered, and let the person in or nobody.

The handler judges outside any transaction. Then one transaction uses the answer up, checks the
address's domain, finds the person and starts the session, or changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.refusals import Conflict, SignInRefused
from app.domain.secret import digest
from app.hookspecs import Arrival, Attempt, Check, NotProven, Proven
from app.services.audit.note import note
from app.services.sso.auto_join import AutoJoined, auto_join
from app.services.sso.begin import public_provider
from app.services.sso.believe import NotBelieved, Whom, address_of, require_domain, use_once, whom
from app.services.sso.enter import Entered, Proof, note_said, start_sso_session, write_ticket
from app.services.sso.handlers import HandlerFailed, handler_named, judged, not_proven
from app.services.sso.our_side import as_contract
from app.services.sso.record import Flight, Visitor, note_flight, write_flight
from app.services.sso.roles import follow_role, mapped_role
from app.store.database import UniqueTaken, transaction
from app.store.identity_providers import IdentityProviderRow, identity_provider_by_id
from app.store.sso_attempts import Purpose, SsoAttempt, take_attempt
from app.store.sso_records import RecordKind

TRIES = 2
_BEGUN = (
    "Nobody began this sign-in here in the last 15 minutes, or its answer came before. Sign-ins "
    "that the identity provider begins are not switched on."
)
_OFF = "This identity provider is switched off in Coffer."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waits:
    """The identity is proven; the browser has to come back itself, or an account to be linked."""

    ticket: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Tested:
    """A test sign-in came back; its record says how it went."""

    slug: str
    record: int


@dataclass(frozen=True, slots=True)
class Landing:
    """An answer that landed: what it brought, and the browser's own mark if it was sent along.

    `is_browser` is False for callers that are surely none.
    """

    arrival: Arrival
    browser: str | None
    visitor: Visitor
    is_browser: bool = True


def complete(public_id: str, landing: Landing, now: datetime) -> Entered | Waits | Tested:
    """Judge an answer; raises `SignInRefused`, and the reason is in the flight recorder alone."""
    row = public_provider(public_id)
    attempt = _taken(row, landing.arrival, now)
    found = _judged(row, attempt, landing.arrival, now)
    if isinstance(found, Proven):
        for _ in range(TRIES):
            try:
                return _believed(row.id, found, attempt, landing, now)
            except NotBelieved as refusal:
                found = replace_checks(found, refusal.check)
                break
            except (Conflict, UniqueTaken):
                continue  # somebody took the same address or subject a moment ago: look again
        else:
            found = not_proven("account", "Another sign-in was faster. Try again.")
    return _refused(row, attempt, found, landing.visitor, now)


def replace_checks(proven: Proven, failed: Check) -> NotProven:
    """What was proven is not believed because of one more check."""
    return NotProven((*proven.checks, failed), proven.attributes)


def _taken(row: IdentityProviderRow, arrival: Arrival, now: datetime) -> SsoAttempt | None:
    """Use the handle up that came along, whatever the answer turns out to be."""
    try:
        field = handler_named(row.handler, now).handler.handle_field
    except HandlerFailed:
        return None
    handle = arrival.only(field)
    if not handle:
        return None
    with transaction():
        taken = take_attempt(row.id, digest(handle), now)
    return taken if taken is not None and taken.purpose is not Purpose.SIGN_OUT else None


def _judged(
    row: IdentityProviderRow, taken: SsoAttempt | None, arrival: Arrival, now: datetime
) -> Proven | NotProven:
    if taken is None and not row.unsolicited:
        return not_proven("begun_here", _BEGUN)
    if not row.is_on and not _is_test(taken):
        return not_proven("provider_on", _OFF)
    try:
        brought, provider = handler_named(row.handler, now), as_contract(row)
    except (HandlerFailed, Conflict) as failure:
        return not_proven("handler", str(failure))
    handle = arrival.only(brought.handler.handle_field) or ""
    attempt = None
    if taken is not None:
        attempt = Attempt(handle, taken.request_id, taken.begun_at, taken.kept)
    found: Proven | NotProven = judged(
        brought,
        "complete",
        lambda handler: handler.complete(provider, attempt, arrival, now),
        Proven,
    )
    return found


def _believed(
    idp_id: int, proven: Proven, taken: SsoAttempt | None, landing: Landing, now: datetime
) -> Entered | Waits | Tested:
    email = address_of(proven)
    with transaction():
        row = identity_provider_by_id(idp_id)
        if row is None or not (row.is_on or _is_test(taken)):
            raise NotBelieved("provider_on", _OFF)
        checks = (*proven.checks, use_once(idp_id, proven.once, now), require_domain(row, email))
        flight = Flight(
            _kind(taken), checks, "", proven.subject, email, attributes=proven.attributes
        )
        if taken is not None and taken.purpose is Purpose.TEST:
            row.tested_at = now
            note("sso.provider_tested", row.account_id, now, about=row.name)
            flight = replace(flight, words="The test succeeded.")
            return Tested(row.account.slug, write_flight(idp_id, flight, landing.visitor, now))
        found = whom(row, proven, email, now)
        account_id, role = row.account_id, mapped_role(row, proven.attributes)
        proof = Proof.of(proven, email, role)
        outcome = _let_in(idp_id, found, proof, taken, landing, now)
        flight = replace(flight, words=_words(found))
        write_flight(idp_id, flight, landing.visitor, now)
        person_id = found.person.id
    joined = auto_join(person_id, now, first=found.is_first)
    if not found.is_link:
        follow_role(account_id, person_id, role, now)
    said = _said(joined)
    if isinstance(outcome, Entered):
        return replace(outcome, said=said)
    if said and not outcome.is_link:
        note_said(outcome.ticket, said)
    return outcome


def _let_in(
    idp_id: int,
    found: Whom,
    proof: Proof,
    taken: SsoAttempt | None,
    landing: Landing,
    now: datetime,
) -> Entered | Waits:
    """Start the session if this is surely the browser that began; else it has to come itself.

    Browsers leave our cookies out of what another site lets them post. Without the browser's mark
    anybody could let others post an answer of their own, and so sign them in as somebody else.
    """
    onward = taken.onward if taken else ""
    mark = taken.browser_hash if taken else None
    is_same = mark is not None and landing.browser is not None and digest(landing.browser) == mark
    if not found.is_link and (is_same or (taken is None and not landing.is_browser)):
        token = start_sso_session(idp_id, found.person.id, proof, landing.visitor, now)
        return Entered(found.person, token, onward)
    ticket = write_ticket(idp_id, found, proof, mark, onward, now)
    return Waits(ticket, found.is_link)


def _refused(
    row: IdentityProviderRow,
    taken: SsoAttempt | None,
    found: NotProven,
    visitor: Visitor,
    now: datetime,
) -> Tested:
    kind = RecordKind.STRAY if taken is None else _kind(taken)
    flight = Flight(kind, found.checks, attributes=found.attributes)
    number = note_flight(row.id, flight, visitor, now)
    if _is_test(taken):
        return Tested(row.account.slug, number)
    raise SignInRefused(
        "Your identity provider's answer can't be accepted. Try again; if it goes on, tell who "
        f"looks after it in your company to look at sign-in {number}.",
    )


def _is_test(taken: SsoAttempt | None) -> bool:
    return taken is not None and taken.purpose is Purpose.TEST


def _kind(taken: SsoAttempt | None) -> RecordKind:
    return RecordKind.TEST if _is_test(taken) else RecordKind.SIGN_IN


def _words(found: Whom) -> str:
    if found.is_link:
        return f"{found.person.email} has an account, to be linked by its password once."
    if found.is_first:
        return f"An account for {found.person.email} was opened."
    return f"{found.person.email} signed in."


def _said(joined: AutoJoined) -> str | None:
    if joined.place is not None:
        return f"Welcome to {joined.workspace}: you are a member now."
    return joined.refused and f"You are not a member of {joined.workspace}: {joined.refused}"
