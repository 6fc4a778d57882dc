"""VERBS: note a job's turn, cheaply, and tell which jobs are late or failing.

Most jobs run every few seconds. So a process writes a turn down only once a minute, unless it
failed, or is the first good one after a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from app.store.database import current_engine, transaction
from app.store.job_runs import job_runs, put_job_run

AT_MOST_EVERY = timedelta(minutes=1)
PATIENCE = timedelta(minutes=3)
FORGOTTEN_AFTER = timedelta(days=1)
LONGEST_ERROR = 500
FAILS_AGAIN = 2

_noted: WeakKeyDictionary[Any, dict[str, tuple[datetime, bool]]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class JobView:
    """How a job fares. `failures` counts those in a row; `late` that no turn ended for too long."""

    name: str
    every: timedelta
    ended_at: datetime
    good_at: datetime | None
    failures: int
    error: str | None
    late: bool

    @property
    def is_ill(self) -> bool:
        """Tell whether somebody has to look: it is late, or failed twice in a row."""
        return self.late or self.failures >= FAILS_AGAIN


def note_job_run(name: str, every_seconds: int, error: BaseException | None, now: datetime) -> bool:
    """Note that a turn ended, well or with an error; tells whether it was written down."""
    if not _is_news(name, now, failed=error is not None):
        return False
    words = None if error is None else _printable(f"{type(error).__name__}: {error}")
    with transaction():
        put_job_run(name, every_seconds, words, now)
    return True


def jobs_seen(now: datetime) -> list[JobView]:
    """List the jobs with their last turns; those that are on no timetable any more are left out."""
    return [
        JobView(
            row.name,
            timedelta(seconds=row.every_seconds),
            row.ended_at,
            row.good_at,
            row.failures,
            row.error,
            late=now - row.ended_at > _patience(row.every_seconds),
        )
        for row in job_runs()
        if now - row.ended_at < max(FORGOTTEN_AFTER, _patience(row.every_seconds) * 3)
    ]


def _patience(every_seconds: int) -> timedelta:
    """How long after a turn the next one may end, before it is called late."""
    return PATIENCE + timedelta(seconds=every_seconds) * 2


def _is_news(name: str, now: datetime, *, failed: bool) -> bool:
    with _lock:
        known = _noted.setdefault(current_engine(), {})
        last = known.get(name)
        if last is not None and not failed and not last[1] and abs(now - last[0]) < AT_MOST_EVERY:
            return False
        known[name] = (now, failed)
        return True


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_ERROR]
