"""VERBS that read: look for people among all of the installation, and show one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.refusals import NotFound
from app.services.people.list_sessions import list_sessions
from app.services.people.two_factor import TwoFactorState, two_factor_state
from app.store.accounts import Membership
from app.store.database import read_connection
from app.store.desk_people import (
    PeopleSought,
    PersonState,
    all_places_of,
    count_operators,
    identities_of,
    people_sought,
)
from app.store.people import Person, SignIn, person_by_id
from app.store.sign_in_blocks import SignInBlock, sign_in_block
from app.store.tokens import personal_tokens_of

__all__ = ["PeoplePage", "PeopleSought", "PersonFile", "PersonState", "find_people", "person_file"]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People, the newest first; `older` is where the next page begins, if there is one."""

    items: Sequence[Any]
    older: int | None


@dataclass(frozen=True, slots=True)
class IdentityView:
    """How an identity provider knows a person."""

    provider: str
    workspace: str
    subject: str
    email: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class PersonFile:
    """All that is known of one person. Secrets are not among it."""

    person: Person
    places: Sequence[Membership]
    sessions: Sequence[SignIn]
    identities: Sequence[IdentityView]
    two_factor: TwoFactorState
    block: SignInBlock | None
    tokens: int
    is_last_operator: bool


def find_people(sought: PeopleSought, *, before: int | None = None, limit: int = 50) -> PeoplePage:
    """List people that fit."""
    with read_connection() as connection:
        found = people_sought(connection, sought, before, limit + 1)
    return PeoplePage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def known_person(person_id: int) -> Person:
    """Find a person, or raise `NotFound`."""
    person = person_by_id(person_id) if 0 < person_id < 2**63 else None
    if person is None:
        raise NotFound("There is no such person.")
    return person


def person_file(person_id: int, now: datetime, session_days: int) -> PersonFile:
    """Gather all that is known of a person, or raise `NotFound`."""
    person = known_person(person_id)
    identities = [
        IdentityView(provider, slug, row.subject, row.email, row.last_seen_at)
        for row, provider, slug in identities_of(person.id)
    ]
    return PersonFile(
        person,
        all_places_of(person.id),
        list_sessions(person.id, now, session_days),
        identities,
        two_factor_state(person.id),
        sign_in_block(person.id),
        len([each for each in personal_tokens_of(person.id) if each.revoked_at is None]),
        person.is_operator and count_operators() == 1,
    )
