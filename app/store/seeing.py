"""Times in which an operator looks at pages as somebody else, and the accounts they saw then."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, CursorResult, ForeignKey, Index, String, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person

STILL_OPEN = text("ended_at IS NULL")


class Seeing(Base):
    """One such time. It belongs to one session of the operator's, and ends at `ends_at` at last.

    `sign_in_id` is no foreign key: the session may be gone before the end is written down.
    """

    __tablename__ = "seeing"
    __table_args__ = (
        Index(
            "uq_seeing_open",
            "sign_in_id",
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    sign_in_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(300))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SeenAccount(Base):
    """An account of which a page was opened in that time."""

    __tablename__ = "seen_accounts"

    seeing_id: Mapped[int] = mapped_column(ForeignKey(Seeing.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def open_seeing(sign_in_id: int) -> Seeing | None:
    """Find what the operator of a session looks at, if it was not ended."""
    statement = select(Seeing).where(Seeing.sign_in_id == sign_in_id, Seeing.ended_at.is_(None))
    return db.session.scalar(statement)


def overdue_seeings(now: datetime, limit: int) -> list[Seeing]:
    """List those whose time is over and whose end was not written down."""
    over = (Seeing.ended_at.is_(None), Seeing.ends_at <= now)
    return list(db.session.scalars(select(Seeing).where(*over).order_by(Seeing.id).limit(limit)))


def open_seeings_of(person_id: int) -> list[Seeing]:
    """List those in which a person is the operator or is the one who is seen."""
    either = (Seeing.operator_id == person_id) | (Seeing.person_id == person_id)
    return list(db.session.scalars(select(Seeing).where(either, Seeing.ended_at.is_(None))))


def claim_end(seeing_id: int, at: datetime) -> bool:
    """Write the end down, by compare-and-set; False when somebody else did."""
    done = db.session.execute(
        update(Seeing).where(Seeing.id == seeing_id, Seeing.ended_at.is_(None)).values(ended_at=at)
    )
    return bool(cast("CursorResult[Any]", done).rowcount == 1)


def has_seen(seeing_id: int, account_id: int) -> bool:
    """Tell whether a page of that account was opened before."""
    return db.session.get(SeenAccount, (seeing_id, account_id)) is not None


def accounts_seen(seeing_id: int) -> list[int]:
    """List the accounts of which pages were opened."""
    statement = select(SeenAccount.account_id).where(SeenAccount.seeing_id == seeing_id)
    return list(db.session.scalars(statement.order_by(SeenAccount.account_id)))
