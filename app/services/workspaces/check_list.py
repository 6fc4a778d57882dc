"""VERBS: check a list of people to invite before anything is sent, and read it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.invitation import InvitationState
from app.domain.invite_list import Known, LineState, entries_in, judged, read_entries
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Access, Right, Role
from app.services.people.read_address import read_address
from app.services.workspaces.access import present_access, require_workspace
from app.services.workspaces.standing import standing_of
from app.store.accounts import member_emails
from app.store.database import add, transaction
from app.store.invitations import open_invitations
from app.store.invite_lists import InviteLine, InviteList, add_lines, count_lines, invite_list
from app.store.invite_lists import lines_of as stored_lines
from app.store.people import person_by_id


@dataclass(frozen=True, slots=True)
class ListView:
    """A list and how far it is: how many lines are ready, were sent, or were refused."""

    row: InviteList
    ready: int
    sent: int
    refused: int

    @property
    def total(self) -> int:
        """How many lines the list has."""
        return self.ready + self.sent + self.refused


def check_list(access: Access, text: str, role: Role, now: datetime) -> InviteList:
    """Keep a list with what is wrong with which line. Nothing is sent, and nobody is told.

    `role` is for the lines that name none.
    """
    access.require(Right.MANAGE_MEMBERS)
    if role is Role.OWNER:
        raise InvalidRequest.of("role", "Invite as admin or member; ownership is transferred.")
    read = read_entries(entries_in(text), read_address, role)
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        require_workspace(account)
        lines = judged(read, _known(present, now))
        made = InviteList(account_id=account.id, made_by_id=present.person_id, created_at=now)
        add(made)
        add_lines(made.id, lines)
    return made


def find_list(access: Access, list_id: int) -> ListView:
    """Find a list of this workspace, with how far it is."""
    access.require(Right.MANAGE_MEMBERS)
    row = invite_list(list_id)
    if row is None or row.account_id != access.account_id:
        raise NotFound
    counts = count_lines(list_id)
    return ListView(row, counts[LineState.READY], counts[LineState.SENT], counts[LineState.REFUSED])


def lines_of(
    found: ListView, state: LineState | None = None, limit: int | None = None
) -> list[InviteLine]:
    """List the lines of a list that was found, in order."""
    return stored_lines(found.row.id, state, limit)


def _known(access: Access, now: datetime) -> Known:
    person = person_by_id(access.person_id)
    invited = {
        each.email
        for each in open_invitations(access.account_id)
        if standing_of(each).state(now) is InvitationState.OPEN
    }
    return Known(person.email if person else "", member_emails(access.account_id), invited)
