"""VERB: take a new person in, with the personal account that everyone has."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict
from app.services.audit.note import note
from app.services.workspaces.open import open_personal_account
from app.store.database import UniqueTaken, add
from app.store.people import Person


def open_person(
    email: str,
    name: str,
    password_hash: str | None,
    now: datetime,
    *,
    verified: bool = False,
    operator: bool = False,
) -> Person:
    """Write a person and their personal account; address and name were read before.

    Runs inside a transaction. Raises `Conflict` when the address is taken.
    """
    person = Person(
        email=email,
        name=name,
        password_hash=password_hash,
        email_verified_at=now if verified else None,
        is_operator=operator,
        created_at=now,
    )
    try:
        add(person)
    except UniqueTaken:
        raise Conflict(f"There is an account for {email} already. Sign in instead.") from None
    account = open_personal_account(person, now)
    after = {"name": name, "operator": operator or None, "address_proved": verified}
    note("person.opened", account.id, now, about=email, after=after, by=person.id)
    return person
