"""VERB that reads: who owns an account."""

from __future__ import annotations

from app.store.accounts import owner_of
from app.store.people import Person


def owner(account_id: int) -> Person:
    """Find the one person who pays for an account and may buy credits for it."""
    return owner_of(account_id).person
