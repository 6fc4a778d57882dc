"""VERBS: change a password, or set a new one through a mailed link."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from app.domain.password import password_from
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.people.hash_password import fingerprint, hash_password, password_matches
from app.services.people.read_address import read_address
from app.services.sso.auto_join import auto_join
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.people import (
    Person,
    delete_sign_ins,
    lock_person,
    person_by_email,
    person_by_id,
)
from app.store.tokens import revoke_personal_tokens

_USED = "This link was used already, or the password was changed since. Ask for a new one."


def ask_reset(email: str, now: datetime) -> None:
    """Mail a link that sets a new password; silent when nobody has that address."""
    try:
        address = read_address(email)
    except InvalidRequest:
        return
    with transaction():
        person = person_by_email(address)
        if person is not None:
            mark = fingerprint(person.id, person.password_hash)
            claims = {"person": person.id, "fingerprint": mark}
            queue_mail(address, "reset", now, link=("reset", claims), name=person.name)


def reset(person_id: int, mark: str, new_password: str, now: datetime) -> Person:
    """Set a new password through the link, which dies with it, and end all sessions.

    The link came by mail, so it proves the address. Whoever opened the account without that
    proof loses what they made to come back.
    """
    person = _known(person_id)
    new_hash = hash_password(password_from(new_password, person.email))
    with transaction():
        person = lock_person(person_id)
        if not compare_digest(mark, fingerprint(person.id, person.password_hash)):
            raise Conflict(_USED)
        person.password_hash = new_hash
        delete_sign_ins(person_id)
        place = personal_account(person_id).id
        note("person.password_reset", place, now, about=person.email, by=person_id)
        first = person.email_verified_at is None
        if first:
            revoke_personal_tokens(person_id, now)
            person.email_verified_at = now
    auto_join(person_id, now, first=first)
    return person


def change(person_id: int, old: str, new: str, now: datetime, keep_session: int | None) -> None:
    """Set a new password knowing the old one; all other sessions end, and a mail tells it."""
    person = _known(person_id)
    old_hash = person.password_hash
    if not password_matches(old_hash, old):
        raise InvalidRequest.of("old_password", "This is not your present password.")
    new_hash = hash_password(password_from(new, person.email, "new_password"))
    with transaction():
        person = lock_person(person_id)
        if person.password_hash != old_hash:
            raise Conflict("Your password was changed a moment ago.")
        person.password_hash = new_hash
        delete_sign_ins(person_id, keep=keep_session)
        place = personal_account(person_id).id
        note("person.password_changed", place, now, about=person.email, by=person_id)
        queue_mail(person.email, "password_changed", now, name=person.name)


def _known(person_id: int) -> Person:
    person = person_by_id(person_id)
    if person is None:
        raise NotFound
    return person
