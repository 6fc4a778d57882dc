"""VERBS: become somebody in Coffer, by oneself or by the operator's hand."""

from __future__ import annotations

from datetime import datetime

from app.domain.name import name_from
from app.domain.password import password_from
from app.services.people.hash_password import hash_password
from app.services.people.open_person import open_person
from app.services.people.read_address import read_address
from app.services.people.verification import queue_verification
from app.store.database import transaction
from app.store.people import Person


def sign_up(email: str, name: str, password: str, now: datetime) -> Person:
    """Open an account for oneself; the address is to be proved by a link that is mailed."""
    address, tidy_name = read_address(email), name_from(name)
    password_hash = hash_password(password_from(password, address))
    with transaction():
        person = open_person(address, tidy_name, password_hash, now)
        queue_verification(person, now)
    return person


def create_person(
    email: str,
    name: str,
    password: str | None,
    now: datetime,
    *,
    verified: bool = False,
    operator: bool = False,
) -> Person:
    """Open an account for somebody, as the operator; without a password they ask for a reset."""
    address, tidy_name = read_address(email), name_from(name)
    hashed = None if password is None else hash_password(password_from(password, address))
    with transaction():
        return open_person(address, tidy_name, hashed, now, verified=verified, operator=operator)
