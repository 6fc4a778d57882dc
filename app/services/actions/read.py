"""VERBS that read: an app's actions, one of them, and what it says as it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.action_run import ActionKind, RunState
from app.domain.reference import reference
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.apps.versions import app_of
from app.store.action_runs import ActionRun, ActionStep, run_by_id, runs_of, steps_after

MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class Followed:
    """An action as it stands, and what it said after the line that was known."""

    run: ActionRun
    steps: list[ActionStep]

    @property
    def last(self) -> int:
        """The number of the last line here; 0 for none."""
        return self.steps[-1].number if self.steps else 0


def find_run(access: Access, run_id: int) -> ActionRun:
    """Find an action of an app of this account; outsiders get `NotFound`."""
    access.require(Right.SEE_ACCOUNT)
    row = run_by_id(run_id) if run_id < 2**63 else None
    if row is None:
        raise NotFound
    app_of(access, row.app_id)
    return row


def app_id_of(run_id: int) -> int:
    """The app that an action is on; what may be seen of it is for the app's account to say."""
    row = run_by_id(run_id) if run_id < 2**63 else None
    if row is None:
        raise NotFound
    return row.app_id


def actions_of(
    access: Access, app_id: int, limit: int = 50, before: int | None = None
) -> list[ActionRun]:
    """List an app's actions, the latest first."""
    access.require(Right.SEE_ACCOUNT)
    return runs_of(app_of(access, app_id).id, before, limit)


def follow(access: Access, run_id: int, after: int) -> Followed:
    """Show an action, and what it said after the line number `after`."""
    row = find_run(access, run_id)
    steps = steps_after(row.id, min(max(after, 0), 2**31 - 1), MOST_STEPS)
    return Followed(row, steps)


@dataclass(frozen=True, slots=True)
class RunView:
    """An action as programs see it. `credits` is what it cost; 0 unless it succeeded."""

    id: str
    app: str
    account: str
    member: str
    kind: ActionKind
    action: str
    runner: str
    state: RunState
    prompt: str
    base_version: int | None
    held: int
    credits: int
    hold: str
    transaction: str | None
    version: int | None
    address: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def view_of(row: ActionRun) -> RunView:
    """Show an action to programs."""
    return RunView(
        id=reference("action", row.id),
        app=reference("app", row.app_id),
        account=row.account.slug,
        member=row.person.email,
        kind=row.kind,
        action=row.action,
        runner=row.runner,
        state=row.state,
        prompt=row.prompt,
        base_version=row.base,
        held=0 if row.state.is_over else row.credits,
        credits=row.captured,
        hold=reference("hold", row.account_id, row.hold),
        transaction=None if row.seq is None else reference("tx", row.account_id, row.seq),
        version=row.version,
        address=row.address,
        error=row.error or None,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
