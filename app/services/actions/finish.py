"""VERBS that end an action: what was made and what it costs are one transaction.

Only who has the action may end it well. An action that was cancelled, or that was taken from a
worker that fell silent, is over: whatever that worker still brings is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain.action_run import ActionKind, RunState, moved, short_of, why_of
from app.domain.app_file import LONGEST_WHY, Origin, entry_of
from app.domain.command import Capture, Release
from app.domain.notification import NotificationKind
from app.domain.refusals import HoldNotActive, NotFound
from app.domain.transaction import Transaction
from app.services.apps.write_version import open_app, write_entries
from app.services.credits.within import post_within
from app.services.directory import View, looked_up
from app.services.notifications.notify import notify
from app.store.accounts import membership
from app.store.action_runs import ActionRun, lock_run
from app.store.app_files import entries_of, latest_number
from app.store.apps import app_by_id
from app.store.database import transaction

Keep = Callable[[ActionRun], None]
VERBS = {
    ActionKind.GENERATE: "Generate",
    ActionKind.REFINE: "Refine",
    ActionKind.DEPLOY: "Deploy",
}


class Lost(Exception):  # noqa: N818 - said as what it is
    """The action is no longer this worker's."""


def succeed(run_id: int, worker: str, keep: Keep, now: datetime) -> None:
    """Keep what was made and take the credits, both or neither.

    Raises `Lost`, and whatever refuses what was made; then nothing has changed.
    """

    def work(view: View) -> None:
        with transaction():
            row = lock_run(run_id)
            if row is None or row.state is not RunState.RUNNING or row.claimed_by != worker:
                raise Lost
            keep(row)
            line = post_within(row.account_id, Capture(row.hold), view, now, rests_on_view=False)
            assert isinstance(line, Transaction)
            row.captured, row.seq = -line.credits, line.seq
            _end(row, RunState.SUCCEEDED, now)

    looked_up(work, now)


def new_version(changes: Mapping[str, bytes | None], now: datetime) -> Keep:
    """Keep changes as the app's next version.

    To refine changes the latest version, whatever others saved meanwhile; to generate begins anew.
    """

    def keep(row: ActionRun) -> None:
        app = open_app(row.app_id)
        there = {}
        if row.kind is ActionKind.REFINE:
            there = entries_of(app.id, latest_number(app.id))
        written = {path: content for path, content in changes.items() if content is not None}
        entries = {path: entry for path, entry in there.items() if path not in changes}
        entries |= {path: entry_of(content) for path, content in written.items()}
        contents = {entries[path].digest: content for path, content in written.items()}
        why = why_of(row.kind, row.prompt, LONGEST_WHY)
        made = write_entries(
            app, row.person_id, entries, contents, why=why, origin=Origin.GENERATE, now=now
        )
        row.version = made.number

    return keep


def fail(run_id: int, reason: str, now: datetime, worker: str | None = None) -> None:
    """Let an action fail: its credits are released. With `worker` only if it is still theirs."""
    finish_without_cost(
        run_id,
        RunState.FAILED,
        now,
        lambda row: worker is None or row.claimed_by == worker,
        reason,
    )


def finish_without_cost(
    run_id: int,
    state: RunState,
    now: datetime,
    may: Callable[[ActionRun], bool],
    reason: str = "",
) -> bool:
    """End an action and let its credits go, in one transaction; False when it was over before."""

    def work(view: View) -> bool:
        with transaction():
            row = lock_run(run_id)
            if row is None:
                raise NotFound
            if row.state.is_over or not may(row):
                return False
            row.error = short_of(reason)
            _end(row, moved(row.state, state), now)
            try:
                release = Release(row.hold)
                post_within(row.account_id, release, view, now, rests_on_view=False)
            except HoldNotActive:  # it timed out, or somebody let it go by its number
                pass
            return True

    return looked_up(work, now)


def _end(row: ActionRun, state: RunState, now: datetime) -> None:
    """End it, and tell who started it; who cancels an action knows that it is over."""
    if state is RunState.SUCCEEDED:
        moved(row.state, state)
    row.state, row.ended_at = state, now
    row.claimed_by = row.lease_until = None
    place = membership(row.account_id, row.person_id)
    if state is RunState.CANCELLED or place is None:
        return
    app = app_by_id(row.app_id)
    if app is None or app.deleted_at is not None or app.account_id != row.account_id:
        return  # nothing is left there to look at
    notify(
        [row.person_id],
        NotificationKind.ACTION_FINISHED,
        now,
        account_id=row.account_id,
        link=f"/accounts/{place.account.slug}/apps/app_{app.id}/actions/{row.id}",
        what=f"{VERBS[row.kind]} {app.name}",
        outcome=state.value,
    )
