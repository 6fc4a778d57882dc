"""VERB: change a member's role between member and admin."""

from __future__ import annotations

from datetime import datetime

from app.domain.notification import NotificationKind
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.notifications.notify import notify
from app.services.people.read_address import sought_address
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import Membership, membership_by_email
from app.store.database import transaction


def change_role(access: Access, email: str, role: Role, now: datetime) -> Membership:
    """Make a member an admin, or an admin a member; who it concerns is told by mail."""
    address = sought_address(email)
    with transaction():
        account, present = present_access(access, Right.MANAGE_MEMBERS)
        require_workspace(account)
        if role is Role.OWNER:
            raise InvalidRequest.of("role", "Ownership is transferred, not given as a role.")
        place = membership_by_email(account.id, address)
        if place is None:
            raise NotFound(f"{address} is not a member of {account.name}.")
        present.require_over(place.role)
        if place.role is not role:
            before, after = {"role": place.role}, {"role": role}
            note("member.role_changed", present, now, about=address, before=before, after=after)
            place.role = role
            told = {"role": role.value}
            kind = NotificationKind.ROLE_CHANGED
            notify([place.person_id], kind, now, account_id=account.id, **told)
            queue_mail(
                address,
                "role_changed",
                now,
                name=place.person.name,
                workspace=account.name,
                role=role.value,
            )
    return place
