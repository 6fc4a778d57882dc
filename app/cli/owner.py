"""The operator acting in an account: with the rights of its owner."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Role
from app.store.accounts import account_by_slug, owner_of


def owner_access(slug: str) -> Access:
    """Give the standing of the account's owner; `NotFound` when there is no such account."""
    account = account_by_slug(slug)
    if account is None or account.deleted_at is not None:
        raise NotFound(f"There is no account {slug}.")
    return Access(account.id, owner_of(account.id).person_id, Role.OWNER)
