"""VERBS: invite addresses into a workspace, send a link again, take an invitation back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.cursor import cursor_of, numbers_of_cursor
from app.domain.invitation import INVITED, MEMBER, MOST_AT_ONCE, VALIDITY, InvitationState
from app.domain.notification import NotificationKind
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.notifications.notify import notify
from app.services.people.read_address import read_address
from app.services.workspaces.access import present_access, require_workspace
from app.services.workspaces.standing import standing_of
from app.store.accounts import Account, member_emails
from app.store.database import add, flush, transaction
from app.store.invitations import (
    Invitation,
    invitation_by_id,
    open_invitations,
    page_of_invitations,
)
from app.store.mails import Mail
from app.store.people import people_by_email


@dataclass(slots=True)
class InviteReport:
    """What became of each address: invited, or refused with the reason."""

    invited: list[Invitation] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Some of a workspace's open invitations; `next` is the cursor of the following ones."""

    items: list[Invitation]
    next: str | None


def invite(access: Access, emails: Sequence[str], role: Role, now: datetime) -> InviteReport:
    """Invite every address that can be; one that can't does not stop the others."""
    access.require(Right.MANAGE_MEMBERS)
    _require_invitable(emails, role)
    report = InviteReport()
    addresses = _readable(emails, report)
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        require_workspace(account)
        invite_within(account, present, addresses, role, report, now)
    return report


def invite_within(
    account: Account,
    present: Access,
    addresses: list[str],
    role: Role,
    report: InviteReport,
    now: datetime,
) -> None:
    """Invite addresses that were read, inside a transaction that holds the account."""
    free = _not_yet_in(account.id, addresses, report, now)
    invited = [_invitation(account, present, address, role, now) for address in free]
    add(*invited)
    for one in invited:
        note("invitation.sent", present, now, about=one.email, after={"role": role})
    queue_mails(_mail(invitation, now) for invitation in invited)
    known = [person.id for person in people_by_email(free)]
    notify(known, NotificationKind.INVITED, now, account_id=account.id, role=role.value)
    report.invited.extend(invited)


def resend(access: Access, invitation_id: int, now: datetime) -> Invitation:
    """Send a new link that is valid for another seven days; the former link stops working."""
    with transaction():
        invitation = _open_invitation(access, invitation_id)
        invitation.sent_count += 1
        note("invitation.resent", access, now, about=invitation.email)
        invitation.sent_at, invitation.expires_at = now, now + VALIDITY
        flush()
        queue_mails([_mail(invitation, now)])
    return invitation


def revoke(access: Access, invitation_id: int, now: datetime) -> Invitation:
    """Take an invitation back; its link stops working at once."""
    with transaction():
        invitation = _open_invitation(access, invitation_id)
        invitation.revoked_at = now
        note("invitation.revoked", access, now, about=invitation.email)
    return invitation


def invitation_for(claims: dict[str, Any], now: datetime) -> Invitation:
    """Find the invitation that a link is for; `Conflict` says why it can't be used any more."""
    invitation = invitation_by_id(claims["invitation"])
    if invitation is None or invitation.account.deleted_at is not None:
        raise NotFound("The workspace that you were invited to is no longer there.")
    standing_of(invitation).require_open(claims["sent"], now)
    return invitation


def list_invitations(access: Access, limit: int = 200, cursor: str | None = None) -> InvitationPage:
    """List open invitations, expired ones too, the newest first."""
    access.require(Right.MANAGE_MEMBERS)
    before = None if cursor is None else numbers_of_cursor(cursor, 1)[0]
    found = page_of_invitations(access.account_id, before, limit + 1)
    more = len(found) > limit
    return InvitationPage(found[:limit], cursor_of(found[limit - 1].id) if more else None)


def _require_invitable(emails: Sequence[str], role: Role) -> None:
    if role is Role.OWNER:
        raise InvalidRequest.of("role", "Invite as admin or member; ownership is transferred.")
    if not emails:
        raise InvalidRequest.of("emails", "Give at least one address.")
    if len(emails) > MOST_AT_ONCE:
        raise InvalidRequest.of("emails", f"Invite at most {MOST_AT_ONCE} addresses at once.")


def _readable(emails: Sequence[str], report: InviteReport) -> list[str]:
    addresses: dict[str, None] = {}
    for email in emails:
        try:
            address = read_address(email)
        except InvalidRequest as error:
            report.refused.append((email[:254], error.detail))
            continue
        if address in addresses:
            report.refused.append((address, "This address is in the list more than once."))
        addresses[address] = None
    return list(addresses)


def _not_yet_in(
    account_id: int, addresses: list[str], report: InviteReport, now: datetime
) -> list[str]:
    members = member_emails(account_id, addresses)
    invited = {each.email: each for each in open_invitations(account_id, addresses)}
    free = []
    for address in addresses:
        former = invited.get(address)
        if address in members:
            report.refused.append((address, MEMBER))
        elif former and standing_of(former).state(now) is InvitationState.OPEN:
            report.refused.append((address, INVITED))
        else:
            if former:
                former.revoked_at = now
            free.append(address)
    return free


def _invitation(
    account: Account, access: Access, email: str, role: Role, now: datetime
) -> Invitation:
    return Invitation(
        account_id=account.id,
        email=email,
        role=role,
        invited_by_id=access.person_id,
        created_at=now,
        sent_at=now,
        sent_count=1,
        expires_at=now + VALIDITY,
    )


def _mail(invitation: Invitation, now: datetime) -> Mail:
    claims = {
        "invitation": invitation.id,
        "account": invitation.account_id,
        "sent": invitation.sent_count,
    }
    return mail_of(
        invitation.email,
        "invitation",
        now,
        link=("invitation", claims),
        inviter=invitation.invited_by.name,
        workspace=invitation.account.name,
        role=invitation.role.value,
        until=invitation.expires_at,
    )


def _open_invitation(access: Access, invitation_id: int) -> Invitation:
    account, _ = present_access(access, Right.MANAGE_MEMBERS)
    invitation = invitation_by_id(invitation_id)
    if invitation is None or invitation.account_id != account.id:
        raise NotFound
    if invitation.accepted_at is not None:
        raise Conflict(f"{invitation.email} accepted this invitation already.")
    if invitation.revoked_at is not None:
        raise Conflict("This invitation was withdrawn already.")
    return invitation
