"""VERBS: accept an invitation through its link, as a known person or as somebody new."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.name import name_from
from app.domain.password import password_from
from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.people.hash_password import hash_password
from app.services.people.open_person import open_person
from app.services.sso.auto_join import auto_join
from app.services.workspaces.invite import invitation_for
from app.services.workspaces.join import invited_role, join
from app.services.workspaces.standing import standing_of
from app.store.accounts import Membership, lock_account, personal_account
from app.store.database import transaction
from app.store.people import Person, person_by_id


def accept_invitation(claims: dict[str, Any], person_id: int, now: datetime) -> Membership:
    """Join through a link, as the person with the invited address; the link proves the address."""
    role = invited_role(invitation_for(claims, now), now)
    with transaction():
        lock_account(claims["account"])
        invitation, person = invitation_for(claims, now), _known(person_id)
        standing_of(invitation).require_recipient(person.email)
        first, person.email_verified_at = _prove(person, now)
        if first:
            account_id = personal_account(person_id).id
            note("person.verified", account_id, now, about=person.email, by=person_id)
        place = join(invitation.account_id, person.id, role, now)
    auto_join(person_id, now, first=first)
    return place


def sign_up_invited(claims: dict[str, Any], name: str, password: str, now: datetime) -> Person:
    """Open an account through a link, with the address that the link proves, and join."""
    invited = invitation_for(claims, now)
    role = invited_role(invited, now)
    tidy_name = name_from(name)
    password_hash = hash_password(password_from(password, invited.email))
    with transaction():
        lock_account(claims["account"])
        invitation = invitation_for(claims, now)
        person = open_person(invitation.email, tidy_name, password_hash, now, verified=True)
        join(invitation.account_id, person.id, role, now)
    auto_join(person.id, now, first=True)
    return person


def _prove(person: Person, now: datetime) -> tuple[bool, datetime]:
    first = person.email_verified_at is None
    return first, person.email_verified_at or now


def _known(person_id: int) -> Person:
    person = person_by_id(person_id)
    if person is None:
        raise NotFound
    return person
