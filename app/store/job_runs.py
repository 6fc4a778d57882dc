"""The last turn of each job, in whichever process it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, Instant, current_connection, db


class JobRun(Base):
    """A job's last turn: when it ended, when it last ended well, and what went wrong since."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    every_seconds: Mapped[int]
    ended_at: Mapped[datetime] = mapped_column(Instant)
    good_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str | None] = mapped_column(String(500))


def put_job_run(name: str, every_seconds: int, error: str | None, now: datetime) -> None:
    """Write a turn over the one before; failures in a row are counted."""
    dialect = postgresql if current_connection().dialect.name == "postgresql" else sqlite
    failed = error is not None
    made = dialect.insert(JobRun).values(
        name=name,
        every_seconds=every_seconds,
        ended_at=now,
        good_at=None if failed else now,
        failures=int(failed),
        error=error,
    )
    changed = {"every_seconds": every_seconds, "ended_at": now, "error": error}
    changed |= {"failures": JobRun.failures + 1} if failed else {"failures": 0, "good_at": now}
    current_connection().execute(made.on_conflict_do_update(index_elements=["name"], set_=changed))


def job_runs() -> list[JobRun]:
    """List the last turn of each job, by name."""
    statement = select(JobRun).order_by(JobRun.name)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def delete_job_runs_before(at: datetime) -> None:
    """Forget jobs that had no turn since an instant: they are on the timetable no more."""
    db.session.execute(delete(JobRun).where(JobRun.ended_at < at))
