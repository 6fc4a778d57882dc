"""VERBS: list workspaces, as one of their people or as the operator's own service."""

from __future__ import annotations

from app.store.accounts import Account, AccountKind, Membership, accounts_after, memberships_of


def workspaces_of(person_id: int) -> list[Membership]:
    """List a person's places in workspaces, by name."""
    return [
        place for place in memberships_of(person_id) if place.account.kind is AccountKind.WORKSPACE
    ]


def all_accounts(
    after: int | None, limit: int, kind: AccountKind | None = None
) -> list[Account]:
    """List the accounts of the installation in the order in which they were opened."""
    return accounts_after(after or 0, limit, kind)
