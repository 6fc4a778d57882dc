"""Accounts as the operator finds them, and the operator acting in them with the owner's rights."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Role
from app.store.accounts import Account, account_by_slug, owner_of


def standing_account(slug: str) -> Account:
    """Find an account that is not deleted, or raise `NotFound`."""
    account = account_by_slug(slug)
    if account is None or account.deleted_at is not None:
        raise NotFound(f"There is no account {slug}.")
    return account


def owner_access(slug: str) -> Access:
    """Give the standing of the account's owner."""
    account = standing_account(slug)
    return Access(account.id, owner_of(account.id).person_id, Role.OWNER)
