"""VERB: tell how many pools time has changed that nobody has settled since."""

from __future__ import annotations

from datetime import datetime

from app.store.database import read_connection
from app.store.ledger import count_due


def count_due_pools(now: datetime) -> int:
    """Count the pools that are due at `now`."""
    with read_connection() as connection:
        return count_due(connection, now)
