"""Roles and what each may do: the one table that pages, API and tests read.

Source: PRODUCT, "Workspaces, members, roles".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.refusals import Forbidden


class Role(StrEnum):
    """A person's part in an account. Everyone is the owner of their personal account."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Right(StrEnum):
    """Something that a role may or may not do. The value completes "You may not …"."""

    SEE_ACCOUNT = "see this account"
    USE_APPS = "create, edit or deploy apps"
    SPEND = "draw from the pool"
    DELETE_OWN_APPS = "delete apps, or see and revoke app keys, of your own"
    DELETE_ANY_APPS = "delete apps, or see and revoke app keys, of others"
    MANAGE_MEMBERS = "invite or remove members, or change their role"
    MANAGE_ADMINS = "remove or demote an admin"
    MANAGE_SSO = "change SSO domains and identity providers"
    MANAGE_ALERTS = "change limits and alerts"
    MANAGE_WEBHOOKS = "change webhooks, or see what they were sent"
    MANAGE_BILLING_LIMITS = "change billing limits"
    MANAGE_BILLING = "change the subscription, payment or top-ups"
    RENAME = "rename this account"
    SEE_AUDIT = "see the audit log"
    TRANSFER_APPS = "transfer apps to another account"
    TRANSFER_OWNERSHIP = "transfer ownership"
    DELETE_WORKSPACE = "delete the workspace"


_MEMBER = frozenset({Right.SEE_ACCOUNT, Right.USE_APPS, Right.SPEND, Right.DELETE_OWN_APPS})
_ADMIN = _MEMBER | {
    Right.DELETE_ANY_APPS,
    Right.MANAGE_MEMBERS,
    Right.MANAGE_SSO,
    Right.MANAGE_ALERTS,
    Right.MANAGE_WEBHOOKS,
    Right.RENAME,
    Right.SEE_AUDIT,
}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: _ADMIN,
    Role.MEMBER: _MEMBER,
}


def may(role: Role, right: Right) -> bool:
    """Tell whether the role carries the right."""
    return right in RIGHTS[role]


@dataclass(frozen=True, slots=True)
class Access:
    """A person's standing in one account. Who has none gets no Access but `NotFound`."""

    account_id: int
    person_id: int
    role: Role

    def may(self, right: Right) -> bool:
        """Tell whether this person may do it here."""
        return may(self.role, right)

    def require(self, right: Right) -> None:
        """Raise `Forbidden` unless this person may do it here."""
        if not self.may(right):
            raise Forbidden(f"As {self.role} you may not {right}.")

    def require_over(self, target: Role) -> None:
        """Raise `Forbidden` unless this person may remove or change someone with that role.

        Nobody can remove or demote the owner; only the owner can remove or demote an admin.
        """
        if target is Role.OWNER:
            raise Forbidden("The owner can't be removed or demoted; ownership is transferred.")
        self.require(Right.MANAGE_ADMINS if target is Role.ADMIN else Right.MANAGE_MEMBERS)

    def require_app(self, created_by: int) -> None:
        """Raise `Forbidden` unless this person may delete that app or handle its keys."""
        own = created_by == self.person_id
        self.require(Right.DELETE_OWN_APPS if own else Right.DELETE_ANY_APPS)
