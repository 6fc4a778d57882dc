"""VERBS of workers: take the next action, say that one is still at it, give it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.action_run import (
    LEASE,
    ActionKind,
    RunState,
    Size,
    after_stop,
    moved,
    size_named,
)
from app.domain.command import Extend
from app.domain.refusals import NotFound, Refusal
from app.services.actions.finish import fail
from app.services.actions.start import life_of_hold
from app.services.apps.versions import load_version
from app.services.credits.within import post_within
from app.services.directory import View, looked_up
from app.store.action_runs import (
    ActionRun,
    Said,
    add_steps,
    first_queued,
    last_step,
    lock_run,
    renew,
)
from app.store.database import transaction


@dataclass(frozen=True, slots=True)
class Claimed:
    """An action that a worker has for itself, with what its runner has to know."""

    id: int
    kind: ActionKind
    size: Size
    runner: str
    account: str
    account_id: int
    app_id: int
    app_name: str
    person_id: int
    prompt: str
    version: int | None
    files: Mapping[str, bytes]
    last_step: int


def claim(worker: str, minutes: int, now: datetime) -> Claimed | None:
    """Take the action that has waited longest, unless another was quicker; None when none waits.

    Its hold is kept for as long as the action may take. An action whose hold is over, or whose
    app is gone, fails at once and costs nothing.
    """
    while (run_id := first_queued()) is not None:
        try:
            claimed = looked_up(lambda view, it=run_id: _take(it, worker, minutes, view, now), now)  # type: ignore[misc]
            if claimed is not None:
                return claimed
        except NotFound:
            fail(run_id, "The app was deleted meanwhile.", now)
        except Refusal as refusal:
            fail(run_id, refusal.detail, now)
    return None


def anything_waits() -> bool:
    """Tell whether an action is queued."""
    return first_queued() is not None


def _take(run_id: int, worker: str, minutes: int, view: View, now: datetime) -> Claimed | None:
    with transaction():
        row = lock_run(run_id)
        if row is None or row.state is not RunState.QUEUED:
            return None
        row.state = moved(row.state, RunState.RUNNING)
        row.claimed_by, row.lease_until = worker, now + LEASE
        row.attempts += 1
        row.started_at = row.started_at or now
        claimed = _claimed(row)
        extend = Extend(row.hold, life_of_hold(minutes))
        post_within(row.account_id, extend, view, now, rests_on_view=False)
    return claimed


def _claimed(row: ActionRun) -> Claimed:
    if row.app.deleted_at is not None or row.app.account.deleted_at is not None:
        raise NotFound
    files: Mapping[str, bytes] = {}
    if row.base is not None:
        files = load_version(row.app_id, row.base).files.read_all()
    return Claimed(
        id=row.id,
        kind=row.kind,
        size=size_named(row.kind, row.action),
        runner=row.runner,
        account=row.account.slug,
        account_id=row.account_id,
        app_id=row.app_id,
        app_name=row.app.name,
        person_id=row.person_id,
        prompt=row.prompt,
        version=row.base,
        files=files,
        last_step=last_step(row.id),
    )


def still_at_it(
    run_id: int, worker: str, after: int, said: Sequence[Said], now: datetime
) -> int | None:
    """Write progress down and keep the action for another minute; None when it is lost."""
    with transaction():
        if not renew(run_id, worker, now + LEASE):
            return None
        return add_steps(run_id, after, said, now)


def give_back(run_id: int, worker: str, now: datetime) -> None:
    """Let another worker have the action, since this one was told to stop; or it fails."""
    with transaction():
        row = lock_run(run_id)
        if row is None or row.state is not RunState.RUNNING or row.claimed_by != worker:
            return
        if after_stop(row.attempts) is RunState.QUEUED:
            row.state = moved(row.state, RunState.QUEUED)
            row.claimed_by = row.lease_until = None
            return
    fail(run_id, "Coffer was stopped several times while this was made.", now, worker)
