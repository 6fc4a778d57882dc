"""VERB: resolve what dead workers left behind. Any number of processes may do it at once."""

from __future__ import annotations

from datetime import datetime

from app.domain.action_run import LONGEST_QUEUE, RunState, after_crash, moved
from app.services.actions.finish import finish_without_cost
from app.store.action_runs import ActionRun, left_behind, lock_run
from app.store.database import transaction

DIED = "The process that worked on this ended. Nothing was charged; start it again."
NOBODY = "Nobody took this on for half an hour. Nothing was charged; start it again."


def sweep(now: datetime) -> int:
    """Queue again or end what was left behind; returns how many there were."""
    left = left_behind(now, now - LONGEST_QUEUE)
    for run_id in left:
        if not _queued_again(run_id, now):
            finish_without_cost(run_id, RunState.FAILED, now, _is_silent(now), DIED)
            finish_without_cost(run_id, RunState.FAILED, now, _is_forgotten(now), NOBODY)
    return len(left)


def _queued_again(run_id: int, now: datetime) -> bool:
    with transaction():
        row = lock_run(run_id)
        if row is None or not _is_silent(now)(row):
            return False
        if after_crash(row.kind, row.attempts) is not RunState.QUEUED:
            return False
        row.state = moved(row.state, RunState.QUEUED)
        row.claimed_by = row.lease_until = None
        return True


def _is_silent(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    def silent(row: ActionRun) -> bool:
        is_late = row.lease_until is not None and row.lease_until < now
        return row.state is RunState.RUNNING and is_late

    return silent


def _is_forgotten(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """One that was begun and queued again is older than its time in the queue."""

    def forgotten(row: ActionRun) -> bool:
        is_new = row.state is RunState.QUEUED and row.started_at is None
        return is_new and row.created_at < now - LONGEST_QUEUE

    return forgotten
