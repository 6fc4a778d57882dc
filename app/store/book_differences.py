"""Where a provider's books and ours don't agree, as the last comparisons found it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db


class BookDifference(Base):
    """One difference; `about` names the payment. `gone_at` is when it was not found any more."""

    __tablename__ = "book_differences"
    __table_args__ = (
        UniqueConstraint("provider", "kind", "about", name="uq_book_differences_provider"),
        Index("ix_book_differences_gone_at", "gone_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    provider: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(255))
    ours: Mapped[str] = mapped_column(String(200))
    theirs: Mapped[str] = mapped_column(String(200))
    paid_at: Mapped[datetime] = mapped_column(Instant)
    found_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    gone_at: Mapped[datetime | None] = mapped_column(Instant)


def standing_differences(provider: str | None = None, limit: int = 500) -> list[BookDifference]:
    """List the differences that were still there when the books were compared last."""
    statement = select(BookDifference).where(BookDifference.gone_at.is_(None))
    if provider is not None:
        statement = statement.where(BookDifference.provider == provider)
    return list(db.session.scalars(statement.order_by(BookDifference.id.desc()).limit(limit)))


def difference(provider: str, kind: str, about: str) -> BookDifference | None:
    """Find a difference, also one that is gone."""
    statement = select(BookDifference).where(
        BookDifference.provider == provider,
        BookDifference.kind == kind,
        BookDifference.about == about,
    )
    return db.session.scalar(statement)
