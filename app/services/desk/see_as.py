"""VERBS: let an operator look at pages as somebody else, for a quarter of an hour, read-only.

The audit log of every account that is seen says who looked, why, from when, and until when. The
person gets a mail. That nothing can be changed is for the doors, and once more for the store.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.reason import reason_from
from app.domain.refusals import Conflict, NotFound
from app.domain.seeing import ends_at
from app.services.audit.note import note
from app.services.desk.find_people import known_person
from app.services.mail.queue_mail import queue_mail
from app.store.accounts import personal_account
from app.store.database import UniqueTaken, add, transaction
from app.store.people import Person, person_by_id
from app.store.seeing import (
    Seeing,
    SeenAccount,
    accounts_seen,
    claim_end,
    has_seen,
    open_seeing,
    open_seeings_of,
    overdue_seeings,
)

AT_ONCE = 100


def see_as(operator_id: int, sign_in_id: int, person_id: int, reason: str, now: datetime) -> Seeing:
    """Begin to look as that person, in this session of the operator's. Operators can't be seen."""
    known_person(person_id)
    why = reason_from(reason)
    with transaction():
        operator, person = person_by_id(operator_id), person_by_id(person_id)
        if operator is None or not operator.is_operator or person is None:
            raise NotFound
        if person.is_operator:
            raise Conflict("Nobody can look as an operator: an operator sees everything.")
        earlier = open_seeing(sign_in_id)
        if earlier is not None:
            _end(earlier, now)
        begun = Seeing(
            operator_id=operator_id,
            person_id=person_id,
            sign_in_id=sign_in_id,
            reason=why,
            began_at=now,
            ends_at=ends_at(now),
        )
        add(begun)
        _note_account(begun, personal_account(person_id).id, person, now)
        queue_mail(
            person.email,
            "seen_as",
            now,
            name=person.name,
            operator=f"{operator.name} ({operator.email})",
            reason=why,
            until=begun.ends_at,
        )
    return begun


def seeing_now(operator: Person, sign_in_id: int, now: datetime) -> tuple[Seeing, Person] | None:
    """Tell as whom the operator of a session looks; what is over is ended and written down."""
    found = open_seeing(sign_in_id)
    if found is None:
        return None
    person = person_by_id(found.person_id)
    stands = operator.id == found.operator_id and operator.is_operator
    if person is None or person.is_operator or not stands or now >= found.ends_at:
        end_seeing(sign_in_id, now)
        return None
    return found, person


def note_account_seen(seeing: Seeing, account_id: int, now: datetime) -> bool:
    """Write into an account's audit log that it is looked at, the first time; tells if it did."""
    if has_seen(seeing.id, account_id):
        return False
    with transaction():
        person = person_by_id(seeing.person_id)
        assert person is not None
        try:
            _note_account(seeing, account_id, person, now)
        except UniqueTaken:
            return False
    return True


def end_seeing(sign_in_id: int, now: datetime) -> None:
    """End it, if the operator of that session looks as somebody."""
    with transaction():
        found = open_seeing(sign_in_id)
        if found is not None:
            _end(found, now)


def end_all_of(person_id: int, now: datetime) -> None:
    """End all in which a person looks or is looked at, inside a running transaction."""
    for found in open_seeings_of(person_id):
        _end(found, now)


def end_overdue_seeings(now: datetime) -> int:
    """Write down the end of those whose time is over, though nobody came back."""
    with transaction():
        overdue = overdue_seeings(now, AT_ONCE)
        for found in overdue:
            _end(found, now)
    return len(overdue)


def _note_account(seeing: Seeing, account_id: int, person: Person, now: datetime) -> None:
    add(SeenAccount(seeing_id=seeing.id, account_id=account_id))
    after = {"reason": seeing.reason, "until": seeing.ends_at}
    note("support.began", account_id, now, about=person.email, after=after, by=seeing.operator_id)


def _end(seeing: Seeing, now: datetime) -> None:
    at = min(now, seeing.ends_at)
    if not claim_end(seeing.id, at):
        return
    person = person_by_id(seeing.person_id)
    about = person.email if person else ""
    for account_id in accounts_seen(seeing.id):
        after = {"ended_at": at}
        note("support.ended", account_id, now, about=about, after=after, by=seeing.operator_id)
