"""The record of pools' periods, as pages, mails and commands read it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.store.accounts import Account

IDS_AT_ONCE = 1_000


def slugs_of_pools(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Find the slugs of accounts by their pool's id."""
    found: dict[int, str] = {}
    for first in range(0, len(ids), IDS_AT_ONCE):
        chunk = ids[first : first + IDS_AT_ONCE]
        statement = select(Account.id, Account.slug).where(Account.id.in_(chunk))
        found.update({row[0]: row[1] for row in connection.execute(statement)})
    return found
