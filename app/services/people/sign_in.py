"""VERBS: sign a person in and out. A browser carries a random token; its digest is kept.

Who has a second factor is half signed in by the password, which opens nothing but the page
that asks for the code.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.refusals import InvalidRequest, NotFound, Unauthenticated
from app.domain.secret import digest
from app.services.audit.failures import count_failed_sign_in, note_sign_in
from app.services.audit.note import note
from app.services.people.half_sign_in import HalfSession, start_half_session
from app.services.people.hash_password import (
    hash_password,
    needs_new_hash,
    password_matches,
)
from app.services.people.read_address import read_address
from app.services.people.two_factor_code import has_two_factor
from app.services.sso.require import refuse_other_ways
from app.store.accounts import personal_account
from app.store.database import add, transaction
from app.store.people import (
    Person,
    SignIn,
    delete_sign_in_by_hash,
    delete_sign_ins,
    delete_unused_sign_ins,
    lock_person,
    person_by_email,
    person_by_id,
    sign_in_by_hash,
    touch_sign_in,
)
from app.store.sign_in_blocks import sign_in_block

SESSION_DAYS = 30
TOUCH_EVERY = timedelta(minutes=5)
_NO_MATCH = "Address and password don't match."
_BLOCKED = "Signing in is blocked for this address. Write to whoever runs this portal."


class Session(NamedTuple):
    """Somebody who is signed in, and the token that their browser carries."""

    person: Person
    token: str


def sign_in(
    email: str, password: str, user_agent: str, address: str, now: datetime
) -> Session | HalfSession:
    """Start a session for whoever knows the password; `Unauthenticated` without saying why.

    With a second factor it is half a session, that `finish_sign_in` makes whole. Raises
    `SsoRequired` for who knows it and has to come through their identity provider.
    """
    person = _person_known_as(email)
    password_hash = person.password_hash if person else None
    if not password_matches(password_hash, password) or not person or not password_hash:
        count_failed_sign_in(person, now)
        raise Unauthenticated(_NO_MATCH)
    renewed = hash_password(password) if needs_new_hash(password_hash) else password_hash
    with transaction():
        person = lock_person(person.id)
        if person.password_hash != password_hash:
            raise Unauthenticated(_NO_MATCH)
        refuse_blocked(person.id)
        if renewed != password_hash:
            person.password_hash = renewed
        refuse_other_ways(person)
        if has_two_factor(person.id):
            return start_half_session(person, now)
        return Session(person, start_session(person.id, user_agent, address, now, proved=True))


def refuse_blocked(person_id: int) -> None:
    """Raise `Unauthenticated` for whom an operator keeps from signing in."""
    if sign_in_block(person_id) is not None:
        raise Unauthenticated(_BLOCKED)


def start_session(
    person_id: int, user_agent: str, address: str, now: datetime, *, proved: bool = False
) -> str:
    """Write a session and give its token, inside a running transaction.

    `proved` says that the person gave all that they prove themselves with here: the password,
    and a code if they have a second factor. Somebody else's word for them is no such proof.
    """
    refuse_blocked(person_id)
    token = secrets.token_urlsafe(32)
    delete_unused_sign_ins(person_id, now - timedelta(days=365))
    add(
        SignIn(
            person_id=person_id,
            token_hash=digest(token),
            created_at=now,
            last_seen_at=now,
            user_agent=_printable(user_agent)[:200],
            address=_printable(address)[:45],
            proved_at=now if proved else None,
        )
    )
    note_sign_in(person_id, now, proved=proved)
    return token


def signed_in(
    token: str, now: datetime, session_days: int = SESSION_DAYS
) -> tuple[Person, SignIn] | None:
    """Tell whose browser carries the token; None when the session ended or was long unused."""
    session = sign_in_by_hash(digest(token))
    if session is None or now >= session.last_seen_at + timedelta(days=session_days):
        return None
    if now >= session.last_seen_at + TOUCH_EVERY:
        with transaction():
            touch_sign_in(session.id, now)
    person = person_by_id(session.person_id)
    return (person, session) if person else None


def sign_out(token: str) -> None:
    """End the session of one browser."""
    with transaction():
        delete_sign_in_by_hash(digest(token))


def end_session(person_id: int, sign_in_id: int) -> None:
    """End one of one's sessions, in whichever browser it is."""
    with transaction():
        delete_sign_ins(person_id, only=sign_in_id)
        note("sign_in.ended", personal_account(person_id).id, by=person_id)


def end_other_sessions(person_id: int, keep_id: int) -> None:
    """End all of one's sessions but the present one."""
    with transaction():
        delete_sign_ins(person_id, keep=keep_id)
        note("sign_in.all_ended", personal_account(person_id).id, by=person_id)


def _person_known_as(email: str) -> Person | None:
    try:
        return person_by_email(read_address(email))
    except (InvalidRequest, NotFound):
        return None


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
