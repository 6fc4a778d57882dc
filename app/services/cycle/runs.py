"""VERBS that read: the runs of the cycle, and what is due now and next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusals import NotFound
from app.store.cycle_runs import CycleRun, latest_runs, run_by_id
from app.store.database import read_connection
from app.store.ledger import count_due, next_due_at

SILENCE = timedelta(minutes=2)
SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))


class RunState(StrEnum):
    """How a run stands. An interrupted one fell silent: its process was killed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class RunView:
    """One run, how far it came and what went wrong."""

    number: int
    trigger: str
    state: RunState
    at: datetime
    started_at: datetime
    finished_at: datetime | None
    seconds: float
    due: int
    settled: int
    failed: int
    error: str | None


@dataclass(frozen=True, slots=True)
class DueView:
    """How many pools are due now, when the next is, and how many will be due by then."""

    now: int
    next_at: datetime | None
    soon: list[tuple[timedelta, int]]


def list_runs(limit: int, now: datetime) -> list[RunView]:
    """List runs, the latest first."""
    return [_view(run, now) for run in latest_runs(limit)]


def find_run(number: int, now: datetime) -> RunView:
    """Find a run, or raise `NotFound`."""
    run = run_by_id(number)
    if run is None:
        raise NotFound
    return _view(run, now)


def what_is_due(now: datetime) -> DueView:
    """Tell how much there is to do, now and in the days to come."""
    with read_connection() as connection:
        return DueView(
            now=count_due(connection, now),
            next_at=next_due_at(connection, now),
            soon=[(span, count_due(connection, now + span)) for span in SPANS],
        )


def _view(run: CycleRun, now: datetime) -> RunView:
    until = run.finished_at or run.seen_at
    return RunView(
        number=run.id,
        trigger=run.trigger.value,
        state=_state(run, now),
        at=run.instant,
        started_at=run.started_at,
        finished_at=run.finished_at,
        seconds=(until - run.started_at).total_seconds(),
        due=run.due,
        settled=run.settled,
        failed=run.failed,
        error=run.error,
    )


def _state(run: CycleRun, now: datetime) -> RunState:
    if run.finished_at is not None:
        return RunState.FAILED if run.error or run.failed else RunState.DONE
    return RunState.RUNNING if now - run.seen_at < SILENCE else RunState.INTERRUPTED
