"""VERBS: prove that an address is one's own, by a link that is mailed to it."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, NotFound
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.sso.auto_join import AutoJoined, auto_join
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.people import Person, lock_person, person_by_id


def queue_verification(person: Person, now: datetime) -> None:
    """Mail the link, inside a running transaction."""
    claims = {"person": person.id, "email": person.email}
    queue_mail(person.email, "verify", now, link=("verify", claims), name=person.name)


def ask_verification(person_id: int, now: datetime) -> None:
    """Mail the link again; `Conflict` when the address is proved already."""
    with transaction():
        person = person_by_id(person_id)
        if person is None:
            raise NotFound
        if person.email_verified_at is not None:
            raise Conflict(f"{person.email} is verified already.")
        queue_verification(person, now)


def verify(person_id: int, email: str, now: datetime) -> AutoJoined:
    """Note that the address is proved, and let the person in where that opens a workspace.

    Opening the link twice does no harm.
    """
    with transaction():
        person = person_by_id(person_id)
        if person is None or person.email != email:
            raise Conflict("This link was for an address that is no longer in use.")
        person = lock_person(person_id)
        first = person.email_verified_at is None
        person.email_verified_at = person.email_verified_at or now
        if first:
            place = personal_account(person_id).id
            note("person.verified", place, now, about=person.email, by=person_id)
    return auto_join(person_id, now, first=first)
