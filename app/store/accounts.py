"""Accounts (personal and workspaces), who belongs to them, and offers of their ownership."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.role import Role
from app.store.database import BigKey, Instant, choice, db
from app.store.people import Person


class AccountKind(StrEnum):
    """What an account is."""

    PERSONAL = "personal"
    WORKSPACE = "workspace"


class Account(db.Model):
    """What owns apps and a credit pool. The pool has the account's id."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind))
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Membership(db.Model):
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
    )

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    joined_at: Mapped[datetime] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class OwnershipOffer(db.Model):
    """The owner's offer to hand a workspace to a member, open until accepted or withdrawn."""

    __tablename__ = "ownership_offers"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    offered_at: Mapped[datetime] = mapped_column(Instant)


def account_by_slug(slug: str) -> Account | None:
    """Find an account by slug, deleted ones too."""
    return db.session.scalar(select(Account).where(Account.slug == slug))


def account_by_id(account_id: int) -> Account | None:
    """Find an account by id, deleted ones too."""
    return db.session.get(Account, account_id)


def lock_account(account_id: int) -> Account:
    """Take the account's row until the transaction ends, so that changes of members take turns."""
    return db.session.scalars(
        select(Account).where(Account.id == account_id).with_for_update()
    ).one()


def membership(account_id: int, person_id: int) -> Membership | None:
    """Find a person's place in an account."""
    return db.session.get(Membership, (account_id, person_id))


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
    return list(
        db.session.scalars(statement.order_by(Membership.joined_at, Membership.person_id))
    )
