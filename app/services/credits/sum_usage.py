"""VERB: sum large pools' usage up for reports, in the background; deductions wait for nothing.

Any number may run at once. What they write is derived from lines that never change, so that the
one who comes second finds the mark moved and does nothing, or writes the same once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.domain.day_block import completed
from app.store import usage_sums
from app.store.database import current_engine, read_connection, write_connection

WORTH_IT = 2_000
CHUNK = 10_000
AT_ONCE = 1_000
A_DAY = timedelta(days=1)


def sum_usage() -> int:
    """Sum up what pools with many new lines used; returns how many lines."""
    return sum(_sum_pool(pool, WORTH_IT) for pool in _lagging())


def sum_usage_of(pool: int) -> int:
    """Sum up what one pool used, however little it is; returns how many lines."""
    return _sum_pool(pool, 1)


def _lagging() -> Iterator[int]:
    last = 0
    while True:
        with read_connection() as connection:
            found = usage_sums.lagging_pools(connection, WORTH_IT, AT_ONCE, last)
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1]


def _sum_pool(pool: int, least: int) -> int:
    total = 0
    while (done := _next_lines(pool, least)) > 0:
        total += done
    _build_blocks(pool)
    return total


def _next_lines(pool: int, least: int) -> int:
    """Read outside of any lock, then write what was read if nobody else did."""
    with read_connection(snapshot=True) as connection:
        before = usage_sums.read_mark(connection, pool)
        rows, mark = usage_sums.next_lines(connection, pool, before, CHUNK)
    done = mark.seq - (before.seq if before else 0) if mark else 0
    if mark is None or done < least:
        return 0
    with write_connection(current_engine()) as connection:
        usage_sums.add_lines(connection, pool, before, mark, rows)
    return done


def _build_blocks(pool: int) -> None:
    """Add days that are over up to larger blocks, one short transaction each."""
    with read_connection() as connection:
        mark = usage_sums.read_mark(connection, pool)
    if mark is None or mark.day - A_DAY <= mark.blocks_through:
        return
    for block, parts in completed(mark.blocks_through, mark.day - A_DAY):
        with read_connection() as connection:
            rows = usage_sums.halves(connection, pool, block, parts)
        with write_connection(current_engine()) as connection:
            usage_sums.put_block(connection, rows)
    with write_connection(current_engine()) as connection:
        usage_sums.note_blocks(connection, pool, mark.day - A_DAY)
