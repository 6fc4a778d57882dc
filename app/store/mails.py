"""Outgoing mail: written in the verb's own transaction, delivered after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, CursorResult, Index, String, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db


class Mail(Base):
    """A message to one address, waiting until `due_at`, or sent.

    It is kept as a template and its values; links are signed and text is written on delivery,
    so that no working link rests in the database.
    """

    __tablename__ = "mails"
    __table_args__ = (
        Index(
            "ix_mails_waiting",
            "due_at",
            sqlite_where=text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(60))
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)


def waiting_mails(now: datetime, limit: int) -> list[Mail]:
    """List messages that are due, the longest waiting first."""
    statement = select(Mail).where(
        Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.due_at <= now
    )
    return list(db.session.scalars(statement.order_by(Mail.due_at, Mail.id).limit(limit)))


def claim_mail(mail_id: int, attempts: int, retry_at: datetime) -> bool:
    """Take a message for one attempt, by compare-and-set; False when another process has it."""
    result = db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id, Mail.attempts == attempts, Mail.sent_at.is_(None))
        .values(attempts=attempts + 1, due_at=retry_at)
    )
    return bool(cast("CursorResult[Any]", result).rowcount == 1)


def mail_by_id(mail_id: int) -> Mail:
    """Find a message."""
    return db.session.get_one(Mail, mail_id)
