"""VERB: tell how many pools time has changed that nobody has settled since."""

from __future__ import annotations

from datetime import datetime

from app.store.database import current_engine
from app.store.ledger import due_pools

CHUNK = 10_000


def count_due_pools(now: datetime) -> int:
    """Count the pools that are due at `now`."""
    count = last = 0
    with current_engine().connect() as connection:
        while due := due_pools(connection, now, CHUNK, after=last):
            count, last = count + len(due), due[-1]
    return count
