"""VERB: let a member have the role that the workspace mapped their identity provider's words to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from app.domain.role import Role
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.store.accounts import lock_account, membership
from app.store.database import transaction
from app.store.identity_providers import IdentityProviderRow

# An identity provider says who administers at most: ownership is handed over by the owner alone.
MAPPED = {"admin": Role.ADMIN, "member": Role.MEMBER}

log = logging.getLogger(__name__)


def mapped_role(row: IdentityProviderRow, attributes: Mapping[str, tuple[str, ...]]) -> Role | None:
    """The highest role to which one of the values is mapped; None leaves the role as it is."""
    values = attributes.get(row.role_attribute, ()) if row.role_attribute else ()
    roles = {MAPPED.get(str(row.role_values.get(value))) for value in values}
    return Role.ADMIN if Role.ADMIN in roles else Role.MEMBER if Role.MEMBER in roles else None


def follow_role(account_id: int, person_id: int, role: Role | None, now: datetime) -> None:
    """Give a member that role. Never fails: nobody is kept out because of a role."""
    if role is None:
        return
    try:
        with transaction():
            _change(account_id, person_id, role, now)
    except Exception:
        log.exception("The role of person %s in account %s can't follow.", person_id, account_id)


def _change(account_id: int, person_id: int, role: Role, now: datetime) -> None:
    account = lock_account(account_id)
    place = membership(account_id, person_id)
    if place is None or place.role in (role, Role.OWNER):
        return
    before, after, who = {"role": place.role}, {"role": role}, place.person.email
    note("member.role_changed", account_id, now, about=who, before=before, after=after)
    place.role = role
    queue_mail(
        place.person.email,
        "role_changed",
        now,
        name=place.person.name,
        workspace=account.name,
        role=role.value,
    )
