"""DOORS, API: invitations into a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict
from app.domain.role import Role
from app.services.credits.caller import Caller
from app.services.workspaces import invite as invitations
from app.services.workspaces.standing import standing_of
from app.web.access import enter_workspace
from app.web.api import team_shapes
from app.web.api.bodies import Listed, NewInvitations
from app.web.api.cursor import read_cursor, sign_cursor
from app.web.api.operation import Operations
from app.web.api.reading import invalid

if TYPE_CHECKING:
    from app.store.invitations import Invitation

operations = Operations("Invitations", "Addresses that were asked to join a workspace.")


@operations.get("/workspaces/{slug}/invitations", answer=team_shapes.InvitationPage)
def list_invitations(caller: Caller, slug: str, query: Listed, now: datetime) -> dict[str, Any]:
    """List invitations that are neither accepted nor revoked, the newest first."""
    account, access = enter_workspace(caller, slug)
    of = f"invitations {account.id}"
    page = invitations.list_invitations(access, query.limit, read_cursor(of, query.cursor, str))
    return {
        "items": [_shown(invitation, now) for invitation in page.items],
        "next": sign_cursor(of, page.next),
    }


@operations.post(
    "/workspaces/{slug}/invitations", status=201, answer=team_shapes.Invited, refusals=(Conflict,)
)
def invite(caller: Caller, slug: str, body: NewInvitations, now: datetime) -> dict[str, Any]:
    """Invite one or many addresses. One that can't be invited doesn't stop the others."""
    _, access = enter_workspace(caller, slug)
    report = invitations.invite(access, body.emails, Role(body.role), now)
    if not report.invited:
        raise invalid([("emails", f"{email}: {reason}") for email, reason in report.refused])
    return {
        "invited": [_shown(invitation, now) for invitation in report.invited],
        "refused": [{"email": email, "reason": reason} for email, reason in report.refused],
    }


@operations.delete(
    "/workspaces/{slug}/invitations/{invitation_id}", status=204, refusals=(Conflict,)
)
def revoke_invitation(caller: Caller, slug: str, invitation_id: str, now: datetime) -> None:
    """Take an invitation back; its link stops working."""
    _, access = enter_workspace(caller, slug)
    invitations.revoke(access, _number(invitation_id), now)


@operations.post(
    "/workspaces/{slug}/invitations/{invitation_id}/resend",
    answer=team_shapes.Invitation,
    refusals=(Conflict,),
)
def resend_invitation(
    caller: Caller, slug: str, invitation_id: str, now: datetime
) -> dict[str, Any]:
    """Send a new link, valid for seven days; the one before stops working."""
    _, access = enter_workspace(caller, slug)
    return _shown(invitations.resend(access, _number(invitation_id), now), now)


def _number(invitation_id: str) -> int:
    return numbers_of("invitation", invitation_id, 1)[0]


def _shown(invitation: Invitation, now: datetime) -> dict[str, Any]:
    return {
        "id": reference("invitation", invitation.id),
        "email": invitation.email,
        "role": invitation.role,
        "invited_by": invitation.invited_by.email,
        "state": standing_of(invitation).state(now),
        "created_at": invitation.created_at,
        "sent_at": invitation.sent_at,
        "expires_at": invitation.expires_at,
    }
