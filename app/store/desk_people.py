"""Statements of the operator's desk about people: looked for among all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from app.store.accounts import Account, AccountKind, Membership
from app.store.database import db
from app.store.identities import Identity
from app.store.identity_providers import IdentityProviderRow
from app.store.people import Person, SignIn
from app.store.second_factors import SecondFactor
from app.store.shapes import AnyRow
from app.store.sign_in_blocks import SignInBlock


class PersonState(StrEnum):
    """In which state people are looked for."""

    OPERATOR = "operator"
    BLOCKED = "blocked"
    UNVERIFIED = "unverified"
    TWO_FACTOR = "two_factor"


IS_BLOCKED = exists().where(SignInBlock.person_id == Person.id)
HAS_TWO_FACTOR = exists().where(
    SecondFactor.person_id == Person.id, SecondFactor.confirmed_at.is_not(None)
)


@dataclass(frozen=True, slots=True)
class PeopleSought:
    """What is looked for; `text` is part of a name or address, or with an @ all of an address."""

    text: str | None = None
    state: PersonState | None = None


def people_sought(
    connection: Connection, sought: PeopleSought, before: int | None, limit: int
) -> Sequence[AnyRow]:
    """List people that fit, the newest first, from the one before the id `before`."""
    statement = select(
        *(Person.id, Person.email, Person.name, Person.created_at, Person.is_operator),
        Person.email_verified_at,
        IS_BLOCKED.label("is_blocked"),
        HAS_TWO_FACTOR.label("has_two_factor"),
    )
    if before is not None:
        statement = statement.where(Person.id < before)
    statement = statement.where(*_named(connection, sought.text), *_standing(sought.state))
    return connection.execute(statement.order_by(Person.id.desc()).limit(limit)).all()


def _named(connection: Connection, text: str | None) -> list[ColumnElement[bool]]:
    if not text:
        return []
    part = Person.email.icontains(text, autoescape=True)
    if "@" not in text:
        return [or_(Person.name.icontains(text, autoescape=True), part)]
    is_whole = connection.scalar(select(exists().where(Person.email == text.lower())))
    return [Person.email == text.lower() if is_whole else part]


def _standing(state: PersonState | None) -> list[ColumnElement[bool]]:
    match state:
        case PersonState.OPERATOR:
            return [Person.is_operator.is_(True)]
        case PersonState.BLOCKED:
            return [IS_BLOCKED]
        case PersonState.UNVERIFIED:
            return [Person.email_verified_at.is_(None)]
        case PersonState.TWO_FACTOR:
            return [HAS_TWO_FACTOR]
        case None:
            return []


def identities_of(person_id: int) -> list[tuple[Identity, str, str]]:
    """List how identity providers know a person: with the provider's name and the workspace."""
    statement = (
        select(Identity, IdentityProviderRow.name, Account.slug)
        .join(IdentityProviderRow, IdentityProviderRow.id == Identity.idp_id)
        .join(Account, Account.id == IdentityProviderRow.account_id)
        .where(Identity.person_id == person_id)
        .order_by(Identity.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


def all_places_of(person_id: int) -> list[Membership]:
    """List where a person belongs, deleted workspaces too, the personal account first."""
    statement = (
        select(Membership)
        .join(Membership.account)
        .where(Membership.person_id == person_id)
        .order_by(Account.kind != AccountKind.PERSONAL, Account.name, Account.id)
    )
    return list(db.session.scalars(statement))


def count_operators() -> int:
    """Count those who run the installation."""
    statement = select(func.count()).select_from(Person).where(Person.is_operator)
    return db.session.scalar(statement) or 0


def lock_operators() -> list[int]:
    """Take the rows of all operators until the transaction ends, so that changes take turns."""
    statement = select(Person.id).where(Person.is_operator).order_by(Person.id)
    return list(db.session.scalars(statement.with_for_update(key_share=True)))


def session_by_id(sign_in_id: int) -> SignIn | None:
    """Find a session."""
    return db.session.get(SignIn, sign_in_id)
