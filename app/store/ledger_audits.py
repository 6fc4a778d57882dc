"""Audits of the ledger that operators started: how far each is, and what it found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, String, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db


class LedgerAudit(Base):
    """One audit of all pools, or of one (`slug`). Killed, it has no `finished_at` and is silent.

    `differences` counts the pools that do not add up; `first` tells of the first of them.
    """

    __tablename__ = "ledger_audits"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str | None] = mapped_column(String(40))
    asked_by: Mapped[str] = mapped_column(String(254))
    started_at: Mapped[datetime] = mapped_column(Instant, index=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    pools: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(BigInteger)
    differences: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)


def begin_audit(
    connection: Connection, slug: str | None, asked_by: str, pools: int, now: datetime
) -> int:
    """Note that an audit begins; returns its number."""
    values = {"slug": slug, "asked_by": asked_by, "started_at": now, "seen_at": now}
    made = insert(LedgerAudit).values(**values, pools=pools, done=0, lines=0, differences=0)
    return connection.execute(made.returning(LedgerAudit.id)).scalar_one()


def note_progress(connection: Connection, audit: int, values: dict[str, object]) -> None:
    """Write down how far an audit is, and what it found."""
    connection.execute(update(LedgerAudit).where(LedgerAudit.id == audit).values(**values))


def latest_audits(limit: int) -> list[LedgerAudit]:
    """List audits, the latest first."""
    statement = select(LedgerAudit).order_by(LedgerAudit.id.desc()).limit(limit)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def audit_by_id(audit: int) -> LedgerAudit | None:
    """Find an audit."""
    return db.session.get(LedgerAudit, audit, populate_existing=True)


def delete_audits_before(at: datetime) -> None:
    """Forget audits that began before an instant."""
    db.session.execute(delete(LedgerAudit).where(LedgerAudit.started_at < at))
