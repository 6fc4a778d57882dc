"""VERBS: send a checked list off, part by part.

Each part is one transaction: its invitations, their mails, and the lines that say so. Whoever
comes next, the same process or another, goes on with the lines that are left; none is sent twice.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.invite_list import AT_ONCE, LineState
from app.domain.refusals import Conflict, Forbidden, NotFound
from app.domain.role import Access, Right, Role
from app.services.workspaces.access import present_access, require_workspace
from app.services.workspaces.invite import InviteReport, invite_within
from app.store.accounts import Account
from app.store.database import transaction
from app.store.invite_lists import (
    InviteLine,
    InviteList,
    invite_list,
    lines_of,
    lists_under_way,
    refuse_rest,
)

LISTS_AT_ONCE = 20
NO_LONGER = "Who sent the list may no longer invite people."


def send_list(access: Access, list_id: int, now: datetime) -> int:
    """Send a list off, and its first part at once; how many lines are left. A repeat goes on."""
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        found = invite_list(list_id)
        if found is None or found.account_id != account.id:
            raise NotFound
        if found.sent_at is None:
            found.sent_at, found.sent_by_id = now, present.person_id
    return send_part(list_id, now)


def send_lists(now: datetime) -> int:
    """Send the next part of every list that is under way; how many lines are left."""
    return sum(send_part(list_id, now) for list_id in lists_under_way(LISTS_AT_ONCE))


def send_part(list_id: int, now: datetime) -> int:
    """Send the next part of a list; how many lines are left."""
    try:
        return _send_part(list_id, now)
    except (Conflict, Forbidden, NotFound):
        with transaction():
            refuse_rest(list_id, NO_LONGER)
            _end(list_id, now)
        return 0


def _send_part(list_id: int, now: datetime) -> int:
    found = invite_list(list_id)
    if found is None or found.sent_by_id is None:
        return 0
    sender = Access(found.account_id, found.sent_by_id, Role.ADMIN)  # asked anew in a moment
    with transaction():
        account, present = present_access(sender, Right.MANAGE_MEMBERS)
        require_workspace(account)
        ready = lines_of(list_id, LineState.READY, AT_ONCE + 1)
        for role in (Role.ADMIN, Role.MEMBER):
            part = [one for one in ready[:AT_ONCE] if one.role is role]
            _send(account, present, part, role, now)
        if len(ready) <= AT_ONCE:
            _end(list_id, now)
    return len(ready[AT_ONCE:])


def _send(
    account: Account, present: Access, lines: list[InviteLine], role: Role, now: datetime
) -> None:
    report = InviteReport()
    if lines:
        invite_within(account, present, [one.email for one in lines], role, report, now)
    refused = dict(report.refused)
    for one in lines:
        one.reason = refused.get(one.email)
        one.state = LineState.REFUSED if one.reason else LineState.SENT


def _end(list_id: int, now: datetime) -> None:
    found: InviteList | None = invite_list(list_id)
    if found is not None and found.ended_at is None:
        found.ended_at = now
