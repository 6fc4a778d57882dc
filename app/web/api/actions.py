"""DOORS, API: actions on apps: generate, refine, deploy."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.action_run import ActionKind
from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict, Forbidden
from app.domain.role import Access
from app.services.actions import read
from app.services.actions.cancel import cancel
from app.services.actions.start import Wanted, start
from app.services.apps.edit import find_app
from app.services.credits.answers import Answer
from app.services.credits.caller import Caller
from app.services.workspaces.on_behalf import person_named
from app.web.access import enter_app, is_service
from app.web.api import action_shapes as shapes
from app.web.api.bodies import Listed
from app.web.api.cursor import page_of, read_cursor
from app.web.api.deductions import SPENDING
from app.web.api.operation import Operations

if TYPE_CHECKING:
    from app.store.action_runs import ActionRun
    from app.store.apps import App

operations = Operations(
    "Actions",
    "Generate, refine and deploy apps in the background. The credits are held when an action "
    "starts; it costs them when it succeeds, and nothing otherwise.",
)
ONE = "/actions/{action_id}"


@operations.post(
    "/apps/{app_id}/actions",
    status=202,
    answer=shapes.ActionAnswer,
    refusals=(Conflict, *SPENDING),
)
def start_action(
    caller: Caller, app_id: str, key: str, body: shapes.NewAction, now: datetime
) -> Answer[read.RunView]:
    """Start an action; the pool of the account that owns the app at this moment pays for it.

    `generate.simple` makes one file, `generate.standard` up to 30, `generate.fullstack` up to 200;
    `refine.simple` changes up to 3, `refine.complex` up to 200. What needs more fails and costs
    nothing. Without `action` a size is suggested by the rule of the page *Generate*. 409 says what
    has to be set when nobody can do it.
    """
    app, access = _enter(caller, app_id, body.member)
    wanted = Wanted(
        ActionKind(body.kind), body.prompt, body.action, body.runner, body.version, body.at_most
    )
    done = start(access, app.id, wanted, key, now)
    return Answer(read.view_of(done.value), done.replayed)


@operations.get("/apps/{app_id}/actions", answer=shapes.ActionPage)
def list_actions(caller: Caller, app_id: str, query: Listed) -> dict[str, Any]:
    """List an app's actions, the newest first."""
    app, access = enter_app(caller, app_id)
    of = f"actions {app.id}"
    before = read_cursor(of, query.cursor, int)
    found = read.actions_of(access, app.id, query.limit + 1, before)
    return page_of([(row.id, read.view_of(row)) for row in found], of, query)


@operations.get(ONE, answer=shapes.ActionAnswer)
def show_action(caller: Caller, action_id: str) -> read.RunView:
    """Show an action."""
    return read.view_of(_found(caller, action_id)[0])


@operations.get(ONE + "/progress", answer=shapes.ProgressAnswer)
def follow_action(caller: Caller, action_id: str, query: shapes.After) -> dict[str, Any]:
    """Show an action with what it said after the line number `after`: ask again with `last`."""
    row, access = _found(caller, action_id)
    seen = read.follow(access, row.id, query.after)
    return {
        "action": read.view_of(seen.run),
        "steps": [
            {"number": step.number, "kind": step.kind, "text": step.text, "at": step.at}
            for step in seen.steps
        ],
        "last": seen.last or query.after,
    }


@operations.post(ONE + "/cancel", answer=shapes.ActionAnswer, refusals=(Conflict,))
def cancel_action(caller: Caller, action_id: str, now: datetime) -> read.RunView:
    """Cancel an action that is not over: it ends at once and costs nothing.

    Who began it may, and the account's owner and admins.
    """
    row, access = _found(caller, action_id)
    return read.view_of(cancel(access, row.id, now))


def _enter(caller: Caller, app_id: str, member: str | None) -> tuple[App, Access]:
    """Whoever acts: a person themself, or whom a service names."""
    app, access = enter_app(caller, app_id)
    if member is None:
        return app, access
    if is_service(caller):
        return find_app(person_named(member), app.id)
    if person_named(member) != access.person_id:
        raise Forbidden("A personal token acts for its own person only.")
    return app, access


def _found(caller: Caller, action_id: str) -> tuple[ActionRun, Access]:
    (number,) = numbers_of("action", action_id, 1)
    app_id = read.app_id_of(number)
    _, access = enter_app(caller, reference("app", app_id))
    return read.find_run(access, number), access
