"""VERBS: sign somebody half in, who proved the password and not yet the second factor."""

from __future__ import annotations

import secrets
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple

from app.domain.refusals import Unauthenticated
from app.domain.second_factor import HALF_SIGN_IN_LASTS
from app.domain.secret import digest
from app.services.people.hash_password import fingerprint
from app.store.database import add
from app.store.people import Person, lock_person, person_by_id
from app.store.second_factors import HalfSignIn, half_sign_in, second_factor_of

_AGAIN = "That took too long, or was done before. Begin with your password again."


class HalfSession(NamedTuple):
    """What a browser carries between the password and the code."""

    half_token: str


def start_half_session(person: Person, now: datetime) -> HalfSession:
    """Write half a session and give its token, inside a running transaction."""
    token = secrets.token_urlsafe(32)
    mark = fingerprint(person.id, person.password_hash)
    add(HalfSignIn(token_hash=digest(token), person_id=person.id, mark=mark, created_at=now))
    return HalfSession(token)


def is_half_signed_in(token: str, now: datetime) -> bool:
    """Tell whether the code is still waited for."""
    half = half_sign_in(digest(token))
    person = person_by_id(half.person_id) if half else None
    return half is not None and person is not None and _is_open(half, person, now)


def lock_half_signed_in(token: str, now: datetime) -> Person:
    """Take whoever it is until the transaction ends; `Unauthenticated` when it is over."""
    half = half_sign_in(digest(token))
    if half is None:
        raise Unauthenticated(_AGAIN)
    person = lock_person(half.person_id)
    if not _is_open(half, person, now):
        raise Unauthenticated(_AGAIN)
    return person


def _is_open(half: HalfSignIn, person: Person, now: datetime) -> bool:
    """It ends with time, with the password, and with the second factor."""
    factor = second_factor_of(person.id)
    return (
        now < half.created_at + HALF_SIGN_IN_LASTS
        and compare_digest(half.mark, fingerprint(person.id, person.password_hash))
        and factor is not None
        and factor.confirmed_at is not None
    )
