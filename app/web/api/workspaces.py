"""DOORS, API: workspaces, as rows; their pool and apps belong to them as accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.refusals import BusinessPlanRequired, Conflict, InvalidRequest
from app.services.credits.caller import Caller
from app.services.workspaces.delete import delete_workspace as delete
from app.services.workspaces.listing import all_workspaces, workspaces_of
from app.services.workspaces.open import open_workspace
from app.services.workspaces.rename import rename
from app.web.access import enter_workspace, is_service, owner_to_be, person_of
from app.web.api import team_shapes
from app.web.api.bodies import Listed, NewWorkspace, WorkspaceChange
from app.web.api.cursor import page_of, part_of, read_cursor
from app.web.api.operation import Operations

if TYPE_CHECKING:
    from app.store.accounts import Account

OWNER = "owner"
operations = Operations("Workspaces", "Shared accounts with an owner, members and one pool.")


@operations.get("/workspaces", answer=team_shapes.WorkspacePage)
def list_workspaces(caller: Caller, query: Listed) -> dict[str, Any]:
    """List the workspaces that the caller belongs to; all of them for a service token."""
    if is_service(caller):
        first = read_cursor("workspaces", query.cursor, int) or 0
        found = all_workspaces(first, query.limit + 1)
        return page_of([(one.id, _shown(one, OWNER)) for one in found], "workspaces", query)
    places = workspaces_of(person_of(caller))
    return part_of([_shown(place.account, place.role) for place in places], "own", query)


@operations.post(
    "/workspaces",
    status=201,
    answer=team_shapes.Workspace,
    refusals=(BusinessPlanRequired, Conflict),
)
def create_workspace(caller: Caller, body: NewWorkspace, now: datetime) -> dict[str, Any]:
    """Open a workspace. Its owner needs a Business subscription that no workspace uses yet.

    A service token names the owner.
    """
    owner = owner_to_be(caller, body.owner)
    if owner is None:
        raise InvalidRequest.of("owner", "Name the owner's e-mail.")
    account = open_workspace(owner, body.name, body.slug, now)
    return _shown(account, OWNER)


@operations.get("/workspaces/{slug}", answer=team_shapes.Workspace)
def show_workspace(caller: Caller, slug: str) -> dict[str, Any]:
    """Show a workspace."""
    account, access = enter_workspace(caller, slug)
    return _shown(account, access.role)


@operations.patch("/workspaces/{slug}", answer=team_shapes.Workspace, refusals=(Conflict,))
def change_workspace(caller: Caller, slug: str, body: WorkspaceChange) -> dict[str, Any]:
    """Rename a workspace, or give it another slug: then its address changes at once."""
    _, access = enter_workspace(caller, slug)
    account = rename(access, body.name, body.slug)
    return _shown(account, access.role)


@operations.delete("/workspaces/{slug}", status=204)
def delete_workspace(caller: Caller, slug: str, now: datetime) -> None:
    """Delete a workspace: nobody can use it any more. Its ledger is kept.

    The owner can undo this in the pages for 30 days.
    """
    account, access = enter_workspace(caller, slug)
    delete(access, account.name, now)


def _shown(account: Account, role: str) -> dict[str, Any]:
    return {
        "slug": account.slug,
        "name": account.name,
        "role": role,
        "created_at": account.created_at,
    }
