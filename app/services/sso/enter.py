"""VERBS: start a session for a proven identity, in the browser that it belongs to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Role
from app.domain.secret import digest
from app.hookspecs import Proven
from app.services.audit.note import note
from app.services.people.own_proof import require_password, with_code
from app.services.people.sign_in import start_session
from app.services.people.two_factor_code import has_two_factor
from app.services.sso.auto_join import auto_join
from app.services.sso.believe import NotBelieved, Whom, add_identity, require_domain
from app.services.sso.record import Visitor
from app.services.sso.roles import follow_role
from app.store.accounts import personal_account
from app.store.database import UniqueTaken, add, transaction
from app.store.identities import SsoSession
from app.store.identity_providers import IdentityProviderRow, identity_provider_by_id
from app.store.people import Person
from app.store.sso_attempts import SsoTicket, count_try, take_ticket, ticket, ticket_row

LASTS = timedelta(minutes=10)
LINK_LASTS = timedelta(minutes=30)
MOST_TRIES = 10
LONGEST_SESSION = 500
_OVER = "This sign-in took too long, or was finished before. Begin it again."


@dataclass(frozen=True, slots=True)
class Entered:
    """A person with a session. `said` is what they should be told, `onward` where they wanted."""

    person: Person
    token: str
    onward: str
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven, as it is kept until the browser comes back."""

    subject: str
    email: str
    session: str | None
    kept: dict[str, str]
    role: str | None
    said: str | None = None

    @classmethod
    def of(cls, proven: Proven, email: str, role: Role | None) -> Proof:
        """Take what is needed of an identity."""
        session = (
            proven.session if proven.session and len(proven.session) <= LONGEST_SESSION else None
        )
        return cls(proven.subject, email, session, dict(proven.kept), role and role.value)

    def as_json(self) -> dict[str, Any]:
        """Spell it for the database."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits: whose account it is, and through which identity provider."""

    person: Person
    provider: IdentityProviderRow
    is_link: bool
    needs_code: bool


def write_ticket(
    idp_id: int, found: Whom, proof: Proof, mark: str | None, onward: str, now: datetime
) -> str:
    """Write a ticket and give its text, inside a running transaction."""
    text = secrets.token_urlsafe(32)
    add(
        SsoTicket(
            ticket_hash=digest(text),
            idp_id=idp_id,
            person_id=found.person.id,
            is_link=found.is_link,
            browser_hash=mark,
            proof=proof.as_json(),
            onward=onward,
            expires_at=now + (LINK_LASTS if found.is_link else LASTS),
        )
    )
    return text


def start_sso_session(
    idp_id: int,
    person_id: int,
    proof: Proof,
    visitor: Visitor,
    now: datetime,
    *,
    proved: bool = False,
) -> str:
    """Write a session that an identity provider began, inside a running transaction."""
    token = start_session(person_id, visitor.user_agent, visitor.address, now, proved=proved)
    add(
        SsoSession(
            token_hash=digest(token),
            idp_id=idp_id,
            subject=proof.subject,
            session=proof.session,
            kept=proof.kept,
            created_at=now,
        )
    )
    return token


def waiting(text: str, now: datetime) -> Waiting:
    """Tell whose sign-in waits for its browser; `NotFound` when it is over."""
    found = _found(text, now)
    provider = identity_provider_by_id(found.idp_id)
    if provider is None:
        raise NotFound(_OVER)
    return Waiting(found.person, provider, found.is_link, has_two_factor(found.person_id))


def is_their_browser(text: str, browser: str | None, present: int | None, now: datetime) -> bool:
    """Tell whether a ticket's browser came back, so that nothing needs to be asked.

    `present` is who is signed in there. Nobody is signed in as somebody else unasked.
    """
    found = _found(text, now)
    if found.browser_hash is None:
        return present in (None, found.person_id)
    return browser is not None and digest(browser) == found.browser_hash


def enter(text: str, visitor: Visitor, now: datetime) -> Entered:
    """Start the session that a ticket is for, once."""
    with transaction():
        found = _found(text, now)
        if found.is_link:
            raise Conflict("This account has to be linked first.")
        person, proof, onward, idp_id = _used(found)
        token = start_sso_session(idp_id, person.id, proof, visitor, now)
    return Entered(person, token, onward, proof.said)


def note_said(text: str, said: str) -> None:
    """Let whoever enters by a ticket be told something then."""
    with transaction():
        found = ticket_row(digest(text))
        if found is not None:
            found.proof = {**found.proof, "said": said}


def link(text: str, password: str, code: str, visitor: Visitor, now: datetime) -> Entered:
    """Link the account that has the proven address, by its password and code, and sign in.

    Raises `InvalidRequest` for a wrong password or code; after ten of them the ticket is over.
    """
    found = _found(text, now)
    person_id, password_hash = found.person_id, found.person.password_hash
    with transaction():
        if not count_try(digest(text), MOST_TRIES):
            raise NotFound(_OVER)
    require_password(password_hash, password, "This is not the password of that account.")
    outcome, first, role = with_code(
        person_id, password_hash, code, now, lambda person: _linked(text, person, visitor, now)
    )
    joined = auto_join(person_id, now, first=first)
    follow_role(*role, now)
    said = f"Welcome to {joined.workspace}: you are a member now." if joined.place else None
    return Entered(outcome.person, outcome.token, outcome.onward, said)


def _linked(
    text: str, person: Person, visitor: Visitor, now: datetime
) -> tuple[Entered, bool, tuple[int, int, Role | None]]:
    _, proof, onward, idp_id = _used(_found(text, now))
    row = identity_provider_by_id(idp_id)
    try:
        if row is None or not row.is_on:
            raise NotFound(_OVER)
        require_domain(row, proof.email)
        add_identity(idp_id, proof.subject, person.id, proof.email, now)
    except NotBelieved as refusal:
        raise Conflict(refusal.check.words) from None
    except UniqueTaken:
        raise Conflict("This identity was linked a moment ago. Sign in again.") from None
    first, person.email_verified_at = (
        person.email_verified_at is None,
        person.email_verified_at or now,
    )
    if first:
        place = personal_account(person.id).id
        note("person.verified", place, now, about=person.email, by=person.id)
    token = start_sso_session(idp_id, person.id, proof, visitor, now, proved=True)
    role = Role(proof.role) if proof.role else None
    return Entered(person, token, onward), first, (row.account_id, person.id, role)


def _used(found: SsoTicket) -> tuple[Person, Proof, str, int]:
    """Use a ticket up, inside a running transaction."""
    kept = (found.person, Proof(**found.proof), found.onward, found.idp_id)
    if not take_ticket(found.ticket_hash):
        raise NotFound(_OVER)
    return kept


def _found(text: str, now: datetime) -> SsoTicket:
    found = ticket(digest(text), now)
    if found is None:
        raise NotFound(_OVER)
    return found
