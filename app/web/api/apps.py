"""DOORS, API: apps, which belong to an account."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.reference import reference
from app.domain.refusals import Conflict, WorkspaceSuspended
from app.domain.role import Right
from app.services.apps import edit, listing
from app.services.apps.transfer import transfer_app as transfer
from app.services.credits.caller import Caller
from app.web.access import enter, enter_app
from app.web.api import team_shapes
from app.web.api.bodies import AppChange, AppsListed, NewApp, Transfer
from app.web.api.cursor import page_of, read_cursor
from app.web.api.operation import Operations

if TYPE_CHECKING:
    from app.store.apps import App

operations = Operations("Apps", "What teams build; the account that owns an app pays for it.")


@operations.get("/accounts/{slug}/apps", answer=team_shapes.AppPage)
def list_apps(caller: Caller, slug: str, query: AppsListed) -> dict[str, Any]:
    """List an account's apps by name."""
    account, access = enter(caller, slug)
    of = f"apps {account.id}"
    after = read_cursor(of, query.cursor, int)
    found = listing.list_apps(access, query.search or "", query.limit + 1, after)
    return page_of([(app.id, _shown(app)) for app in found], of, query)


@operations.post(
    "/accounts/{slug}/apps", status=201, answer=team_shapes.App, refusals=(WorkspaceSuspended,)
)
def create_app(caller: Caller, slug: str, body: NewApp, now: datetime) -> dict[str, Any]:
    """Create an app in an account."""
    _, access = enter(caller, slug)
    return _shown(edit.create_app(access, body.name, body.description, now))


@operations.get("/apps/{app_id}", answer=team_shapes.App)
def show_app(caller: Caller, app_id: str) -> dict[str, Any]:
    """Show an app."""
    app, access = enter_app(caller, app_id)
    access.require(Right.SEE_ACCOUNT)
    return _shown(app)


@operations.patch("/apps/{app_id}", answer=team_shapes.App, refusals=(WorkspaceSuspended,))
def change_app(caller: Caller, app_id: str, body: AppChange, now: datetime) -> dict[str, Any]:
    """Change an app's name, its description, or both."""
    app, access = enter_app(caller, app_id)
    return _shown(edit.edit_app(access, app.id, now, name=body.name, description=body.description))


@operations.delete("/apps/{app_id}", status=204)
def delete_app(caller: Caller, app_id: str, now: datetime) -> None:
    """Delete an app and its keys. The history keeps its name."""
    app, access = enter_app(caller, app_id)
    edit.delete_app(access, app.id, now)


@operations.post(
    "/apps/{app_id}/transfer", answer=team_shapes.App, refusals=(Conflict, WorkspaceSuspended)
)
def transfer_app(caller: Caller, app_id: str, body: Transfer, now: datetime) -> dict[str, Any]:
    """Move an app to another account, which pays for it from then on."""
    app, access = enter_app(caller, app_id)
    return _shown(transfer(access.person_id, app.id, body.to, now))


def _shown(app: App) -> dict[str, Any]:
    return {
        "id": reference("app", app.id),
        "account": app.account.slug,
        "name": app.name,
        "description": app.description,
        "created_by": app.created_by.email,
        "created_at": app.created_at,
    }
