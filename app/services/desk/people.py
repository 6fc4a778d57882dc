"""VERBS of the operator about people: end sessions, block, make operators and unmake them."""

from __future__ import annotations

from datetime import datetime

from app.domain.reason import reason_from
from app.domain.refusals import Conflict
from app.services.audit.note import note
from app.services.desk.find_people import known_person
from app.services.desk.see_as import end_all_of
from app.services.mail.queue_mail import queue_mail
from app.store.accounts import personal_account
from app.store.database import add, transaction
from app.store.desk_people import lock_operators
from app.store.directory import raise_version
from app.store.people import Person, delete_sign_ins, lock_person
from app.store.sign_in_blocks import SignInBlock, delete_sign_in_block, sign_in_block


def end_sessions_of(person_id: int, now: datetime, *, only: int | None = None) -> None:
    """Sign a person out everywhere, or out of one session."""
    known_person(person_id)
    with transaction():
        person = lock_person(person_id)
        delete_sign_ins(person_id, only=only)
        kind = "sign_in.ended" if only is not None else "sign_in.all_ended"
        note(kind, personal_account(person_id).id, now, about=person.email)


def block(person_id: int, reason: str, by_id: int, now: datetime) -> None:
    """Keep a person from signing in: all sessions end, and personal tokens rest meanwhile."""
    known_person(person_id)
    why = reason_from(reason)
    with transaction():
        person = lock_person(person_id)
        if person.is_operator:
            raise Conflict("Operators can't be blocked. Take that role from them first.")
        if sign_in_block(person_id) is not None:
            raise Conflict(f"{person.email} is blocked already.")
        add(SignInBlock(person_id=person_id, since=now, reason=why, by_id=by_id))
        delete_sign_ins(person_id)
        raise_version()
        place = personal_account(person_id).id
        note("person.blocked", place, now, about=person.email, after={"reason": why})


def unblock(person_id: int, now: datetime) -> None:
    """Let a person sign in again; their tokens work again, too."""
    known_person(person_id)
    with transaction():
        person = lock_person(person_id)
        if sign_in_block(person_id) is None:
            raise Conflict(f"{person.email} is not blocked.")
        delete_sign_in_block(person_id)
        raise_version()
        note("person.unblocked", personal_account(person_id).id, now, about=person.email)


def make_operator(person_id: int, now: datetime) -> Person:
    """Let a person run the installation. They have to have proved their address."""
    known_person(person_id)
    with transaction():
        person = lock_person(person_id)
        if person.is_operator:
            raise Conflict(f"{person.email} is an operator already.")
        if person.email_verified_at is None:
            raise Conflict(f"{person.email} has not confirmed this address yet.")
        if sign_in_block(person_id) is not None:
            raise Conflict(f"{person.email} is blocked.")
        person.is_operator = True
        end_all_of(person_id, now)
        note("person.made_operator", None, now, about=person.email)
        queue_mail(person.email, "operator_made", now, name=person.name)
    return person


def unmake_operator(person_id: int, now: datetime) -> Person:
    """Take that from them; never from the last one."""
    known_person(person_id)
    with transaction():
        operators = lock_operators()
        person = lock_person(person_id)
        if person_id not in operators:
            raise Conflict(f"{person.email} is no operator.")
        if len(operators) == 1:
            raise Conflict("This is the last operator. Make another one first.")
        person.is_operator = False
        end_all_of(person_id, now)
        note("person.unmade_operator", None, now, about=person.email)
        queue_mail(person.email, "operator_unmade", now, name=person.name)
    return person
