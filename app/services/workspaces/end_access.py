"""VERBS: go out of a workspace. `end_access` is the one way out, by one's own will or not."""

from __future__ import annotations

from datetime import datetime

from app.domain.happening import MemberWent
from app.domain.notification import NotificationKind
from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.notifications.notify import notify, notify_managers
from app.services.outbox.write import tell
from app.services.people.read_address import sought_address
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import (
    delete_membership,
    delete_ownership_offer,
    lock_account,
    membership,
    membership_by_email,
)
from app.store.database import current_connection, transaction
from app.store.domains import stop_offering
from app.store.invitations import open_invitations_to
from app.store.ledger import lock_pool
from app.store.tokens import revoke_keys_made_by


def end_access(
    account_id: int, person_id: int, now: datetime, *, removed_by: int | None = None
) -> None:
    """End all of a person's access to a workspace at once, inside a transaction.

    What they made stays: their apps, their lines in the history, and holds in flight, which
    complete against their own pool. Their address alone does not bring them back. `removed_by` is
    the person who did that, if somebody else.
    """
    account = lock_account(account_id)
    require_workspace(account)
    place = membership(account_id, person_id)
    if place is None:
        raise NotFound
    if place.role is Role.OWNER:
        raise Conflict("The owner can't leave or be removed. Transfer ownership first.")
    lock_pool(current_connection(), account_id)
    revoke_keys_made_by(person_id, account_id, now)
    delete_ownership_offer(account_id, to=person_id)
    for invitation in open_invitations_to(account_id, place.person.email):
        invitation.revoked_at = now
    delete_membership(account_id, person_id)
    stop_offering(account_id, person_id, now)
    kind = "member.left" if removed_by is None else "member.removed"
    by, before = removed_by or person_id, {"role": place.role}
    note(kind, account_id, now, about=place.person.email, before=before, by=by)
    tell(account_id, MemberWent(now, person_id, removed_by), now)
    told = {"who": place.person.name, "email": place.person.email}
    notify_managers(account_id, NotificationKind.MEMBER_LEFT, now, but=by, **told)
    if removed_by is not None:
        notify([person_id], NotificationKind.REMOVED, now, account_id=account_id)


def leave(access: Access, now: datetime) -> None:
    """Leave a workspace, which every member may at any time."""
    with transaction():
        account, present = present_access(access, Right.SEE_ACCOUNT)
        end_access(account.id, present.person_id, now)


def remove(access: Access, email: str, now: datetime) -> None:
    """Remove a member; removing oneself is leaving."""
    address = sought_address(email)
    with transaction():
        account, present = present_access(access, Right.SEE_ACCOUNT)
        require_workspace(account)
        place = membership_by_email(account.id, address)
        if place is None:
            present.require(Right.MANAGE_MEMBERS)
            raise NotFound(f"{address} is not a member of {account.name}.")
        by_another = place.person_id != present.person_id
        if by_another:
            present.require_over(place.role)
            queue_mail(
                address, "member_removed", now, name=place.person.name, workspace=account.name
            )
        removed_by = present.person_id if by_another else None
        end_access(account.id, place.person_id, now, removed_by=removed_by)
