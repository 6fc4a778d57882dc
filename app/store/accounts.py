"""Accounts (personal and workspaces), who belongs to them, and offers of their ownership."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    and_,
    delete,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.role import Role
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class AccountKind(StrEnum):
    """What an account is."""

    PERSONAL = "personal"
    WORKSPACE = "workspace"


class Account(Base):
    """What owns apps and a credit pool. The pool has the account's id."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind))
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Membership(Base):
    """A person's place in an account. A personal account has its person as the only owner."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_owner",
            "account_id",
            unique=True,
            sqlite_where=text("role = 'owner'"),
            postgresql_where=text("role = 'owner'"),
        ),
        Index("ix_memberships_joined", "account_id", "joined_at", "person_id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    joined_at: Mapped[datetime] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class OwnershipOffer(Base):
    """The owner's offer to hand a workspace to a member, open until accepted or withdrawn."""

    __tablename__ = "ownership_offers"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    offered_at: Mapped[datetime] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


def account_by_slug(slug: str) -> Account | None:
    """Find an account by slug, deleted ones too."""
    return db.session.scalar(select(Account).where(Account.slug == slug))


def account_by_id(account_id: int) -> Account | None:
    """Find an account by id, deleted ones too."""
    return db.session.get(Account, account_id)


def workspaces_after(account_id: int, limit: int) -> list[Account]:
    """List workspaces that are not deleted, from the first id after the given one."""
    statement = select(Account).where(
        Account.id > account_id,
        Account.kind == AccountKind.WORKSPACE,
        Account.deleted_at.is_(None),
    )
    return list(db.session.scalars(statement.order_by(Account.id).limit(limit)))


def lock_account(account_id: int) -> Account:
    """Take the account's row until the transaction ends, so that changes of members take turns."""
    return db.session.scalars(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    ).one()


def membership(account_id: int, person_id: int) -> Membership | None:
    """Find a person's place in an account."""
    return db.session.get(Membership, (account_id, person_id))


def membership_at(slug: str, person_id: int) -> Membership | None:
    """Find a person's place in the account with that slug, unless the account is deleted."""
    statement = (
        select(Membership)
        .join(Membership.account)
        .where(
            Membership.person_id == person_id, Account.slug == slug, Account.deleted_at.is_(None)
        )
    )
    return db.session.scalar(statement)


def membership_by_email(account_id: int, email: str) -> Membership | None:
    """Find the place in an account of whoever has that address, given in lower case."""
    statement = (
        select(Membership)
        .join(Membership.person)
        .where(Membership.account_id == account_id, Person.email == email)
    )
    return db.session.scalar(statement)


def personal_account(person_id: int) -> Account:
    """Find a person's own account."""
    statement = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.person_id == person_id, Account.kind == AccountKind.PERSONAL)
    )
    return db.session.scalars(statement).one()


def memberships_of(person_id: int) -> list[Membership]:
    """List the contexts of a person: the personal account first, then workspaces by name."""
    statement = (
        select(Membership)
        .join(Membership.account)
        .where(Membership.person_id == person_id, Account.deleted_at.is_(None))
        .order_by(Account.kind, Account.name, Account.id)
    )
    return list(db.session.scalars(statement))


def members_of(account_id: int, *, role: Role | None = None) -> list[Membership]:
    """List an account's members in the order in which they joined."""
    statement = select(Membership).where(Membership.account_id == account_id)
    if role is not None:
        statement = statement.where(Membership.role == role)
    return list(db.session.scalars(statement.order_by(Membership.joined_at, Membership.person_id)))


def search_members(
    account_id: int, search: str, after: tuple[datetime, int] | None, limit: int
) -> list[Membership]:
    """List members whose name or address contains the text, in order of joining."""
    statement = (
        select(Membership).join(Membership.person).where(Membership.account_id == account_id)
    )
    if search:
        found = Person.name.icontains(search, autoescape=True)
        statement = statement.where(or_(found, Person.email.icontains(search, autoescape=True)))
    if after is not None:
        at, person_id = after
        same_instant = and_(Membership.joined_at == at, Membership.person_id > person_id)
        statement = statement.where(or_(Membership.joined_at > at, same_instant))
    ordered = statement.order_by(Membership.joined_at, Membership.person_id)
    return list(db.session.scalars(ordered.limit(limit)))


def count_members(account_id: int) -> int:
    """Count an account's members."""
    statement = select(func.count()).where(Membership.account_id == account_id)
    return db.session.scalars(statement).one()


def member_emails(account_id: int, among: Collection[str] | None = None) -> set[str]:
    """List the addresses of an account's members, or those of them that are among the given."""
    statement = select(Person.email).join(Membership, Membership.person_id == Person.id)
    if among is not None:
        statement = statement.where(Person.email.in_(among))
    return set(db.session.scalars(statement.where(Membership.account_id == account_id)))


def owner_of(account_id: int) -> Membership:
    """Find the one owner of an account."""
    return members_of(account_id, role=Role.OWNER)[0]


def deleted_workspaces_of(owner_id: int, deleted_after: datetime) -> list[Account]:
    """List the workspaces of an owner that were deleted after that instant, the latest first."""
    statement = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.person_id == owner_id,
            Membership.role == Role.OWNER,
            Account.deleted_at > deleted_after,
        )
    )
    return list(db.session.scalars(statement.order_by(Account.deleted_at.desc())))


def delete_membership(account_id: int, person_id: int) -> None:
    """End a person's place in an account."""
    place = db.session.get(Membership, (account_id, person_id))
    if place is not None:
        db.session.delete(place)
        db.session.flush()


def ownership_offer(account_id: int) -> OwnershipOffer | None:
    """Find the open offer of a workspace's ownership."""
    return db.session.get(OwnershipOffer, account_id)


def ownership_offers_to(person_id: int) -> list[OwnershipOffer]:
    """List the open offers that a person may accept."""
    statement = (
        select(OwnershipOffer)
        .join(Account, Account.id == OwnershipOffer.account_id)
        .where(OwnershipOffer.person_id == person_id, Account.deleted_at.is_(None))
    )
    return list(db.session.scalars(statement.order_by(OwnershipOffer.offered_at)))


def delete_ownership_offer(account_id: int, *, to: int | None = None) -> None:
    """Withdraw the open offer of a workspace's ownership; with `to`, only one to that person."""
    statement = delete(OwnershipOffer).where(OwnershipOffer.account_id == account_id)
    if to is not None:
        statement = statement.where(OwnershipOffer.person_id == to)
    db.session.execute(statement)
