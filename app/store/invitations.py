"""Invitations into a workspace."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.role import Role
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class Invitation(Base):
    """An address asked to join with a role. `sent_count` is part of the signed link."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    sent_count: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    invited_by: Mapped[Person] = relationship(lazy="joined")


def invitation_by_id(invitation_id: int) -> Invitation | None:
    """Find an invitation."""
    return db.session.get(Invitation, invitation_id)


def open_invitations(account_id: int, among: Collection[str] | None = None) -> list[Invitation]:
    """List invitations neither accepted nor revoked, expired ones too, the newest first.

    With `among` only those to one of these addresses.
    """
    statement = select(Invitation).where(
        Invitation.account_id == account_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    if among is not None:
        statement = statement.where(Invitation.email.in_(among))
    return list(db.session.scalars(statement.order_by(Invitation.id.desc())))


def page_of_invitations(account_id: int, before: int | None, limit: int) -> list[Invitation]:
    """List open invitations, the newest first, from the one before that id."""
    statement = select(Invitation).where(
        Invitation.account_id == account_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    if before is not None:
        statement = statement.where(Invitation.id < before)
    return list(db.session.scalars(statement.order_by(Invitation.id.desc()).limit(limit)))


def open_invitations_to(account_id: int, email: str) -> list[Invitation]:
    """List the open invitations of one address into one account."""
    statement = select(Invitation).where(
        Invitation.account_id == account_id,
        Invitation.email == email,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    return list(db.session.scalars(statement))


def open_invitations_for(email: str, now: datetime) -> list[Invitation]:
    """List the invitations that an address can accept now, into any workspace, newest first."""
    statement = (
        select(Invitation)
        .join(Account, Account.id == Invitation.account_id)
        .where(
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
            Account.deleted_at.is_(None),
        )
    )
    return list(db.session.scalars(statement.order_by(Invitation.id.desc())))
