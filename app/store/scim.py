"""What a company's directory tells over SCIM: its connection to a workspace, and its users."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person


class ScimConnection(Base):
    """The way by which a directory reaches a workspace. `public_id` stands in its address.

    The token speaks with the rights of who made it, as they are now. None is good while
    `token_hash` is empty.
    """

    __tablename__ = "scim_connections"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(4))
    made_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    made_by: Mapped[Person] = relationship(lazy="joined")


class ScimUser(Base):
    """A user as a workspace's directory describes them. `document` is all that it said.

    `person_id` is whom the record speaks for, once that is settled: it opened their account
    (`has_opened`), or they were a member when it came. `name_key` and `email` are in small letters.
    """

    __tablename__ = "scim_users"
    __table_args__ = (
        UniqueConstraint("account_id", "name_key"),
        Index("ix_scim_users_external_id", "account_id", "external_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    name_key: Mapped[str] = mapped_column(String(255))
    external_id: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(254))
    is_active: Mapped[bool] = mapped_column()
    person_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey(Person.id), index=True)
    has_opened: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


def scim_connection(account_id: int) -> ScimConnection | None:
    """Find a workspace's connection."""
    return db.session.get(ScimConnection, account_id)


def scim_connection_by_token(public_id: str, token_hash: str) -> ScimConnection | None:
    """Find the connection that an address and a token's digest belong to together."""
    statement = select(ScimConnection).where(
        ScimConnection.public_id == public_id, ScimConnection.token_hash == token_hash
    )
    return db.session.scalar(statement)


def touch_scim_connection(account_id: int, now: datetime) -> None:
    """Note that a connection was used."""
    db.session.execute(
        update(ScimConnection)
        .where(ScimConnection.account_id == account_id)
        .values(last_used_at=now)
    )


def scim_user(account_id: int, user_id: str) -> ScimUser | None:
    """Find a user of a workspace's directory."""
    statement = select(ScimUser).where(ScimUser.id == user_id, ScimUser.account_id == account_id)
    return db.session.scalar(statement)


def scim_users(
    account_id: int,
    *,
    name_key: str | None = None,
    external_id: str | None = None,
    first: int = 0,
    count: int | None = None,
) -> Sequence[ScimUser]:
    """List a directory's users, the oldest first; those with that name or external id, if given.

    `first` and `count` give a part of the list.
    """
    statement = select(ScimUser).where(ScimUser.account_id == account_id)
    if name_key is not None:
        statement = statement.where(ScimUser.name_key == name_key)
    if external_id is not None:
        statement = statement.where(ScimUser.external_id == external_id)
    ordered = statement.order_by(ScimUser.created_at, ScimUser.id)
    return db.session.scalars(ordered.offset(first).limit(count)).all()


def has_opened(account_id: int, person_id: int) -> bool:
    """Tell whether the workspace's directory opened the person's account."""
    statement = select(ScimUser.id).where(
        ScimUser.account_id == account_id, ScimUser.person_id == person_id, ScimUser.has_opened
    )
    return db.session.scalar(statement.limit(1)) is not None


def count_scim_users(account_id: int) -> int:
    """Count a directory's users."""
    statement = select(func.count()).where(ScimUser.account_id == account_id)
    return db.session.scalars(statement).one()


def delete_scim_user(user: ScimUser) -> None:
    """Forget a user of a directory."""
    db.session.delete(user)
