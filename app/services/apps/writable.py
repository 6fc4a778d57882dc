"""VERB that reads: whether the apps of an account may be changed now."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import WorkspaceSuspended
from app.store.database import current_connection
from app.store.history import read_pool


def require_writable(account_id: int, now: datetime) -> None:
    """Raise `WorkspaceSuspended` once the grace of a lapsed subscription is over.

    The workspace is read-only then (PRODUCT, Workspaces). Runs inside a transaction.
    """
    pool = read_pool(current_connection(), account_id)
    if pool is not None and pool.suspends_at is not None and now >= pool.suspends_at:
        raise WorkspaceSuspended(
            "The subscription lapsed, so this workspace is read-only. "
            "Nothing is lost; paying restores it."
        )
