"""Cycle runs: each closing of what was due, how far it came, and what went wrong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.trigger import Trigger
from app.store.database import Base, BigKey, Instant, choice, db


class CycleRun(Base):
    """One run over the pools that were due at `instant`.

    `settled` rises in the transaction of the very chunk. A run that was killed has no
    `finished_at`, and `seen_at` stands still.
    """

    __tablename__ = "cycle_runs"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    trigger: Mapped[Trigger] = mapped_column(choice(Trigger))
    instant: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime] = mapped_column(Instant, index=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    due: Mapped[int] = mapped_column(BigInteger)
    settled: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    error: Mapped[str | None] = mapped_column(Text)


def begin_run(
    connection: Connection, trigger: Trigger, instant: datetime, due: int, now: datetime
) -> int:
    """Note that a run begins; returns its number."""
    statement = insert(CycleRun).values(
        trigger=trigger, instant=instant, started_at=now, seen_at=now, due=due, settled=0, failed=0
    )
    return connection.execute(statement.returning(CycleRun.id)).scalar_one()


def note_settled(connection: Connection, run: int, pools: int, now: datetime) -> None:
    """Count pools of a chunk within its own transaction."""
    _change(connection, run, settled=CycleRun.settled + pools, seen_at=now)


def note_failed(connection: Connection, run: int, error: str, now: datetime) -> None:
    """Count a pool that could not be settled; the first error is kept."""
    first = select(CycleRun.error).where(CycleRun.id == run)
    kept = connection.scalar(first) or error
    _change(connection, run, failed=CycleRun.failed + 1, error=kept, seen_at=now)


def end_run(connection: Connection, run: int, error: str | None, now: datetime) -> None:
    """Note that a run ended, by itself or with an error."""
    _change(connection, run, finished_at=now, seen_at=now, **({"error": error} if error else {}))


def _change(connection: Connection, run: int, **values: object) -> None:
    connection.execute(update(CycleRun).where(CycleRun.id == run).values(**values))


def latest_runs(limit: int) -> list[CycleRun]:
    """List runs, the latest first."""
    statement = select(CycleRun).order_by(CycleRun.started_at.desc(), CycleRun.id.desc())
    return list(db.session.scalars(statement.limit(limit)))


def run_by_id(run: int) -> CycleRun | None:
    """Find a run."""
    return db.session.get(CycleRun, run, populate_existing=True)


def delete_runs_before(at: datetime) -> None:
    """Forget runs that began before an instant."""
    db.session.execute(delete(CycleRun).where(CycleRun.started_at < at))
