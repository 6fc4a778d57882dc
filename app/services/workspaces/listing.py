"""VERBS: list workspaces, as one of their people or as the operator's own service."""

from __future__ import annotations

from app.store.accounts import Account, AccountKind, Membership, memberships_of, workspaces_after


def workspaces_of(person_id: int) -> list[Membership]:
    """List a person's places in workspaces, by name."""
    return [
        place for place in memberships_of(person_id) if place.account.kind is AccountKind.WORKSPACE
    ]


def all_workspaces(after: int, limit: int) -> list[Account]:
    """List the workspaces of the installation in the order in which they were opened."""
    return workspaces_after(after, limit)
