"""People whom an operator keeps from signing in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person


class SignInBlock(Base):
    """A person who can't sign in, since when and why; deleting the row lets them in again."""

    __tablename__ = "sign_in_blocks"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int | None] = mapped_column(BigKey)


def sign_in_block(person_id: int) -> SignInBlock | None:
    """Find the block of a person."""
    return db.session.get(SignInBlock, person_id)


def blocked_among(person_ids: Collection[int]) -> set[int]:
    """Tell which of these people are blocked."""
    statement = select(SignInBlock.person_id).where(SignInBlock.person_id.in_(person_ids))
    return set(db.session.scalars(statement))


def delete_sign_in_block(person_id: int) -> None:
    """Let a person sign in again."""
    db.session.execute(delete(SignInBlock).where(SignInBlock.person_id == person_id))
