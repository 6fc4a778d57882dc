"""VERBS: come into a workspace. `join` is the one way in, whoever opens the door."""

from __future__ import annotations

from datetime import datetime

from app.domain.happening import MemberCame
from app.domain.notification import NotificationKind
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.audit.note import note
from app.services.notifications.notify import notify_managers
from app.services.outbox.write import tell
from app.services.people.read_address import sought_address
from app.services.plugins.decide import decided_role
from app.services.workspaces.access import require_workspace
from app.store.accounts import Membership, account_by_slug, lock_account
from app.store.database import UniqueTaken, add, transaction
from app.store.domains import offer_again
from app.store.invitations import Invitation, open_invitations_to
from app.store.join_requests import close_request
from app.store.people import Person, person_by_email, person_by_id


def join(account_id: int, person_id: int, role: Role, now: datetime) -> Membership:
    """Make a person a member, inside a transaction, and close the invitations to them."""
    if role is Role.OWNER:
        raise InvalidRequest.of("role", "There is exactly one owner; ownership is transferred.")
    account = lock_account(account_id)
    require_workspace(account)
    if account.deleted_at is not None:
        raise Conflict("This workspace was deleted.")
    person = _known(person_id)
    place = Membership(account_id=account_id, person_id=person_id, role=role, joined_at=now)
    try:
        add(place)
    except UniqueTaken:
        raise Conflict(f"{person.email} is a member of {account.name} already.") from None
    for invitation in open_invitations_to(account_id, person.email):
        invitation.accepted_at = now
    offer_again(account_id, person_id)
    close_request(account_id, person_id, now)
    note("member.joined", account_id, now, about=person.email, after={"role": role}, by=person_id)
    tell(account_id, MemberCame(now, person_id, role), now)
    told = {"who": person.name, "email": person.email, "role": role.value}
    notify_managers(account_id, NotificationKind.MEMBER_JOINED, now, but=person_id, **told)
    return place


def add_member(slug: str, email: str, role: Role, now: datetime) -> Membership:
    """Make a known person a member, as the operator."""
    address = sought_address(email)
    if account_by_slug(slug) is None:
        raise NotFound(f"There is no account {slug}.")
    role = decided_role(slug, address, role, now)
    with transaction():
        account, person = account_by_slug(slug), person_by_email(address)
        if account is None:
            raise NotFound(f"There is no account {slug}.")
        if person is None:
            raise NotFound(f"Nobody is known by the address {address}.")
        return join(account.id, person.id, role, now)


def invited_role(invitation: Invitation, now: datetime) -> Role:
    """The role that an invitation gives, unless a plugin refuses its recipient or lowers it."""
    return decided_role(invitation.account.slug, invitation.email, invitation.role, now)


def _known(person_id: int) -> Person:
    person = person_by_id(person_id)
    if person is None:
        raise NotFound
    return person
