"""What limits count, kept by each process between commits so that it needn't be added up anew.

Lines never change and are numbered without gaps, so a sum up to line n is right for ever: under
the pool's lock only the lines after n are read, those that other processes wrote. A sum is taken
out while a transaction uses it, gets what that wrote once it is committed, and comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from app.domain.hold import Hold
from app.domain.limit import Guard, Limit, LimitPer, Spent, Sums, Window, windows_at
from app.domain.pool import Pool
from app.store.database import current_engine
from app.store.loaded_pools import Counts
from app.store.spent import MOST_LINES, UsedLine, used_since

MOST_SUMS = 1_000_000

Met = set[tuple[int, int, datetime]]


class Kept:
    """What is known of one pool: its sums, and which blocks were told of."""

    def __init__(self) -> None:
        self.spent: Spent | None = None
        self.met: Met = set()
        self._pool: Pool | None = None

    @property
    def seq(self) -> int | None:
        """The line up to which it counted."""
        return self.spent.seq if self.spent is not None else None

    def guard(
        self,
        connection: Any,  # noqa: ANN401 - a connection of the store's
        pool: Pool,
        limits: tuple[Limit, ...],
        counts: Counts,
        now: datetime,
    ) -> None:
        """Put limits beside a pool that is locked and settled, with all that counts for them."""
        windows = windows_at(now, pool.cycle.period if pool.cycle else None)
        seq = pool.seq - len(pool.lines)  # what this very transaction writes is not there yet
        self.spent = self._caught_up(seq, counts.lines.get(pool.id, []), windows, now)
        if self.spent is None:
            self.spent = _added_up(connection, pool.id, seq, windows, now)
        self.met = {one for one in self.met if one[2] in {each.start for each in windows.values()}}
        pool.guard = Guard(limits, windows, self.spent, _held(pool, counts), set(self.met))
        self._pool = pool

    def committed(self) -> None:
        """Take over the lines that were committed."""
        pool = self._pool
        if pool is None or pool.guard is None or self.spent is None:
            return
        for sums in self.spent.used.values():
            sums.merge(pool.guard.fresh)
        self.spent.seq = pool.seq
        self.met = pool.guard.met

    def let_go(self) -> None:
        """Forget the pool itself."""
        self._pool = None

    def _caught_up(
        self,
        seq: int,
        lines: Sequence[UsedLine],
        windows: Mapping[LimitPer, Window],
        now: datetime,
    ) -> Spent | None:
        """Count the lines that came since; None when there is nothing to go on with."""
        spent = self.spent
        if spent is None or spent.since != windows[LimitPer.CYCLE].start:
            return None
        if seq > spent.seq + MOST_LINES:
            return None
        for line in lines:
            spent.add(line.member, line.app, -line.credits, line.at)
        spent.seq = seq
        if now.date() > spent.day:
            spent.begin_day(now.date())
        return spent


def _added_up(
    connection: Any,  # noqa: ANN401
    pool: int,
    seq: int,
    windows: Mapping[LimitPer, Window],
    now: datetime,
) -> Spent:
    used = {per: Sums() for per in windows}
    for per, window in windows.items():
        for member, app, credits in used_since(connection, pool, window.start):
            used[per].add(member, app, credits)
    return Spent(seq, now.date(), windows[LimitPer.CYCLE].start, used)


def _held(pool: Pool, counts: Counts) -> Sums:
    """What is held, less the holds that have just timed out."""
    held = Sums()
    for member, app, credits in counts.held[pool.id]:
        held.add(member, app, credits)
    for one in pool.happened:
        if isinstance(one, Hold):
            held.add(one.attribution.member, one.attribution.app, -one.credits)
    return held


class Memory:
    """What one process counted of one database."""

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}
        self._lock = Lock()

    def take(self, pool: int) -> Kept:
        """Take what is known of a pool; nobody else has it meanwhile."""
        with self._lock:
            return self._kept.pop(pool, None) or Kept()

    def put(self, pool: int, kept: Kept) -> None:
        """Put it back, unless somebody knows more by now; what is oldest goes first."""
        with self._lock:
            other = self._kept.get(pool)
            if other is None or (other.seq or 0) <= (kept.seq or 0):
                self._kept[pool] = kept
            size = sum(each.spent.size() for each in self._kept.values() if each.spent)
            while size > MOST_SUMS and len(self._kept) > 1:
                gone = self._kept.pop(next(iter(self._kept)))
                size -= gone.spent.size() if gone.spent else 0


NOTHING_KEPT: Mapping[int, Kept] = {}

_memories: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()


@contextmanager
def taken(pools: Sequence[int]) -> Iterator[dict[int, Kept]]:
    """Take what is known of these pools for the time of a transaction that runs inside."""
    if not pools:
        yield {}
        return
    engine = current_engine()
    memory = _memories.get(engine) or _memories.setdefault(engine, Memory())
    kept = {pool: memory.take(pool) for pool in pools}
    try:
        yield kept
        for each in kept.values():
            each.committed()
    finally:
        for pool, each in kept.items():
            each.let_go()
            memory.put(pool, each)
