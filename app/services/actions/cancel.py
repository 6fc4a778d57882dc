"""VERB: cancel an action. It is over at once and costs nothing, whatever its runner still does."""

from __future__ import annotations

from datetime import datetime

from app.domain.action_run import RunState
from app.domain.refusals import Conflict, Forbidden
from app.domain.role import Access, Right
from app.services.actions.finish import finish_without_cost
from app.services.actions.read import find_run
from app.store.action_runs import ActionRun, run_by_id


def may_cancel(access: Access, row: ActionRun) -> bool:
    """Tell whether this person may cancel it: who began it, and who may delete any app."""
    return row.person_id == access.person_id or access.may(Right.DELETE_ANY_APPS)


def cancel(access: Access, run_id: int, now: datetime) -> ActionRun:
    """Cancel an action that is queued or running, or raise `Conflict`."""
    row = find_run(access, run_id)
    if not may_cancel(access, row):
        raise Forbidden("Only who began it, an admin or the owner may cancel this action.")
    if not finish_without_cost(row.id, RunState.CANCELLED, now, lambda _: True):
        row = find_run(access, run_id)
        raise Conflict(f"This action is {row.state} already.")
    found = run_by_id(run_id)
    assert found is not None, "actions are never deleted"
    return found
