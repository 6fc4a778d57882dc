"""VERB: write down what time has done to pools: expiry, timed-out holds, new periods.

Reads and deductions do the same for the one pool that they touch, so nothing waits for this.
Any number may run at once: they divide what is due. A pool that can't be settled stops no other.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.services.credits.ledger import commit, commit_time
from app.store.database import OutcomeUnknown, read_connection
from app.store.ledger import due_pools, which_are_due

CHUNK = 1_000
READ_AT_ONCE = 50_000

Note = Callable[[Any, int], None]
Failed = Callable[[int, Exception], None]


def close_due_periods(now: datetime) -> int:
    """Settle every pool that is due at `now`, in chunks; returns how many there were."""
    return sum(settled_chunks(now))


def settled_chunks(
    now: datetime, note: Note = lambda *_: None, failed: Failed | None = None
) -> Iterator[int]:
    """Settle chunk by chunk, each in its own transaction, telling how many pools it had.

    `note` is told the same within the transaction. `failed` is told of each pool that can't be
    settled; without it the first one ends the round.
    """
    for due in due_pages(now):
        for first in range(0, len(due), CHUNK):
            yield _settle(due[first : first + CHUNK], now, note, failed)


def due_pages(now: datetime) -> Iterator[list[int]]:
    """List the pools that are due at `now`, many at a time."""
    last = 0
    while True:
        with read_connection() as connection:
            due = due_pools(connection, now, READ_AT_ONCE, after=last)
        if not due:
            return
        yield due
        last = due[-1]


def settle_pools(pools: Iterable[int], now: datetime) -> None:
    """Settle these pools in one transaction."""
    commit({pool: [] for pool in pools}, now)


def settle_if_due(pools: Sequence[int], now: datetime) -> None:
    """Settle those of these pools that time has changed, so that a read shows the present."""
    with read_connection() as connection:
        due = which_are_due(connection, pools, now)
    if due:
        settle_pools(due, now)


def _settle(pools: Sequence[int], now: datetime, note: Note, failed: Failed | None) -> int:
    """Settle a chunk; when that breaks, its halves, until those that are bad stand alone."""
    try:
        with _collector_resting():
            return commit_time(pools, now, note)
    except OutcomeUnknown:
        raise
    except Exception as error:
        if failed is None:
            raise
        with read_connection() as connection:  # breaks, too, when the database is away
            which_are_due(connection, pools[:1], now)
        if len(pools) == 1:
            failed(pools[0], error)
            return 0
    middle = len(pools) // 2
    return sum(_settle(half, now, note, failed) for half in (pools[:middle], pools[middle:]))


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Let no garbage collector search a chunk's many objects, none of which is in a circle.

    Measured, that search takes a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
