"""DOORS, API: the members of a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.refusals import Conflict
from app.domain.role import Role
from app.services.credits.caller import Caller
from app.services.workspaces import members
from app.services.workspaces.end_access import remove
from app.services.workspaces.roles import change_role
from app.web.access import enter_workspace
from app.web.api import team_shapes
from app.web.api.bodies import MembersListed, RoleChange
from app.web.api.cursor import read_cursor, sign_cursor
from app.web.api.operation import Operations

if TYPE_CHECKING:
    from app.store.accounts import Membership

operations = Operations("Members", "Who belongs to a workspace, and as what.")


@operations.get("/workspaces/{slug}/members", answer=team_shapes.MemberPage)
def list_members(caller: Caller, slug: str, query: MembersListed) -> dict[str, Any]:
    """List the members in the order in which they joined."""
    account, access = enter_workspace(caller, slug)
    of = f"members {account.id} {query.search}"
    page = members.list_members(
        access, query.search or "", query.limit, read_cursor(of, query.cursor, str)
    )
    return {"items": [_shown(place) for place in page.items], "next": sign_cursor(of, page.next)}


@operations.patch(
    "/workspaces/{slug}/members/{email}", answer=team_shapes.Member, refusals=(Conflict,)
)
def change_member(
    caller: Caller, slug: str, email: str, body: RoleChange, now: datetime
) -> dict[str, Any]:
    """Make a member an admin, or an admin a member."""
    _, access = enter_workspace(caller, slug)
    return _shown(change_role(access, email, Role(body.role), now))


@operations.delete("/workspaces/{slug}/members/{email}", status=204, refusals=(Conflict,))
def remove_member(caller: Caller, slug: str, email: str, now: datetime) -> None:
    """Remove a member, or leave: access ends at once, what they made stays."""
    _, access = enter_workspace(caller, slug)
    remove(access, email, now)


def _shown(place: Membership) -> dict[str, Any]:
    return {
        "email": place.person.email,
        "name": place.person.name,
        "role": place.role,
        "joined_at": place.joined_at,
    }
