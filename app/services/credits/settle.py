"""VERB: write down what time has done to pools: expiry, timed-out holds, new periods.

Reads and deductions do the same for the one pool that they touch, so nothing waits for this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from app.services.credits.ledger import commit
from app.store.database import read_connection
from app.store.ledger import due_pools, which_are_due

CHUNK = 500


def close_due_periods(now: datetime) -> int:
    """Settle every pool that is due at `now`, in chunks; returns how many there were."""
    return sum(settled_chunks(now))


def settled_chunks(now: datetime) -> Iterator[int]:
    """Settle chunk by chunk, each in its own transaction, telling how many pools it had."""
    last = 0
    while True:
        with read_connection() as connection:
            due = due_pools(connection, now, CHUNK, after=last)
        if not due:
            return
        settle_pools(due, now)
        last = due[-1]
        yield len(due)


def settle_pools(pools: Iterable[int], now: datetime) -> None:
    """Settle these pools in one transaction."""
    commit({pool: [] for pool in pools}, now)


def settle_if_due(pools: Sequence[int], now: datetime) -> None:
    """Settle those of these pools that time has changed, so that a read shows the present."""
    with read_connection() as connection:
        due = which_are_due(connection, pools, now)
    if due:
        settle_pools(due, now)
