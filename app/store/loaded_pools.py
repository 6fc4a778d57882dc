"""Pools as commands and time find them: locked or only read, with grants and holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from app.domain.grant import Grant
from app.domain.hold import HoldState
from app.domain.pool import Pool
from app.store.directory import DirectoryRow
from app.store.keyed_rows import one_of, pairs, read_grants
from app.store.pools import GRANTS, HOLDS, POOLS, TRANSACTIONS
from app.store.round_trip import OneOf, fetch_together, instants, parameters
from app.store.shapes import grant_from, hold_from, pool_from, transaction_from
from app.store.spent import HELD_NOW, LINES_SINCE, UsedLine, after

READ_POOLS = select(POOLS).where(OneOf(POOLS.c.id, "pools"))
LOCK_POOLS = (
    select(POOLS).where(OneOf(POOLS.c.id, "pools")).order_by(POOLS.c.id).with_for_update(of=POOLS)
)
# Schedulers that run at once divide what is due instead of queueing for it.
LOCK_DUE = (
    select(POOLS)
    .where(OneOf(POOLS.c.id, "pools"), POOLS.c.due_at <= bindparam("now"))
    .order_by(POOLS.c.id)
    .with_for_update(of=POOLS, skip_locked=True)
)
# What follows sees all that was committed while the lock was waited for; a part of that very
# statement would not.
VERSION = select(DirectoryRow.version)
OPEN_GRANTS = select(GRANTS).where(OneOf(GRANTS.c.pool, "pools"), GRANTS.c.is_open)


@dataclass(slots=True)
class Needs:
    """Which holds and which past lines of a pool the commands are about."""

    holds: set[int] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)


class Counts(NamedTuple):
    """What counts for limits, by pool: lines after the one last counted, and what is held."""

    lines: dict[int, list[UsedLine]]
    held: dict[int, list[tuple[int | None, int | None, int]]]


def lock_pools(
    connection: Connection,
    needs: Mapping[int, Needs],
    now: datetime,
    counted: Mapping[int, int | None],
) -> tuple[dict[int, Pool], int, Counts]:
    """Lock pools in the order of their ids and load what the commands need.

    Returns them with the directory's version, read under the lock. `counted` are the pools with
    limits, with the line that was last counted for them, if any was: what counts since comes along.
    """
    given = parameters(connection, pools=list(needs))
    pools, version, counts = _load(connection, LOCK_POOLS, given, counted)
    due = [p.id for p in pools.values() if p.due_later and p.due_later <= max(now, p.at)]
    _load_holds(connection, pools, due, needs, now)
    _load_past(connection, pools, needs)
    return pools, version, counts


def lock_due_pools(
    connection: Connection, pool_ids: Sequence[int], now: datetime
) -> tuple[dict[int, Pool], int]:
    """Lock those of these pools that are due and that nobody else is at work on, and load them.

    Returns them with the directory's version, read under the locks.
    """
    given = parameters(connection, pools=pool_ids) | instants(connection, now=now)
    pools, version, _ = _load(connection, LOCK_DUE, given)
    _load_holds(connection, pools, list(pools), {}, now)
    return pools, version


def read_whole_pools(
    connection: Connection, pool_ids: Sequence[int], now: datetime
) -> dict[int, Pool]:
    """Read pools as they would be locked to be settled at `now`, without holding anybody up."""
    pools, _, _ = _load(connection, READ_POOLS, parameters(connection, pools=pool_ids))
    _load_holds(connection, pools, list(pools), {}, now)
    return pools


def _load(
    connection: Connection,
    lock: Select[Any],
    given: dict[str, Any],
    counted: Mapping[int, int | None] | None = None,
) -> tuple[dict[int, Pool], int, Counts]:
    also = _counting(connection, counted) if counted else ()
    rows, grants, [(version,)], *more = fetch_together(
        connection, (lock, OPEN_GRANTS, VERSION), given, also
    )
    pools = {pool.id: pool for pool in map(pool_from, rows)}
    for row in grants:
        if row[0] in pools:
            pools[row[0]].grants.append(grant_from(row))
    for pool in pools.values():
        pool.grants.sort(key=Grant.order_of_use)
    return pools, version, _counts(counted, more) if counted else Counts({}, {})


def _counting(
    connection: Connection, counted: Mapping[int, int | None]
) -> list[tuple[Select[Any], dict[str, Any]]]:
    """The statements about what counts; they come after the lock, so they see what is committed."""
    return [
        (HELD_NOW, parameters(connection, guarded=list(counted))),
        *((LINES_SINCE, after(pool, seq)) for pool, seq in counted.items() if seq is not None),
    ]


def _counts(counted: Mapping[int, int | None], found: Sequence[Sequence[Any]]) -> Counts:
    held, *lines = found
    counts = Counts({}, {pool: [] for pool in counted})
    for pool, member, app, credits in held:
        counts.held[pool].append((member, app, credits))
    known = [pool for pool, seq in counted.items() if seq is not None]
    for pool, rows in zip(known, lines, strict=True):
        counts.lines[pool] = [UsedLine(*row) for row in rows]
    return counts


def _load_holds(
    connection: Connection,
    pools: Mapping[int, Pool],
    due: Sequence[int],
    needs: Mapping[int, Needs],
    now: datetime,
) -> None:
    wanted = [(pool, number) for pool in pools if pool in needs for number in needs[pool].holds]
    conditions = []
    if wanted:
        conditions.append(pairs(HOLDS.c.pool, HOLDS.c.number, wanted))
    due = [pool for pool in due if pools[pool].held]  # no hold runs without held credits
    looked_at = set(due)
    for pool in pools.values():
        if not pool.held or pool.id in looked_at:
            pool.due_later = None
    if due:
        until = max([now, *(pools[pool].at for pool in due)])
        conditions.append(and_(_timing_out(due), HOLDS.c.expires_at <= until))
        later = select(HOLDS.c.pool, func.min(HOLDS.c.expires_at)).where(
            _timing_out(due), HOLDS.c.expires_at > until
        )
        for pool, at in connection.execute(later.group_by(HOLDS.c.pool)):
            pools[pool].due_later = at
    if conditions:
        for row in connection.execute(select(HOLDS).where(or_(*conditions))):
            pools[row.pool].holds[row.number] = hold_from(row)


def _timing_out(due: Sequence[int]) -> Any:  # noqa: ANN401 - a SQL expression
    return and_(one_of(HOLDS.c.pool, due), HOLDS.c.state == HoldState.ACTIVE)


def _load_past(
    connection: Connection, pools: Mapping[int, Pool], needs: Mapping[int, Needs]
) -> None:
    """Load the lines that refunds are about, earlier refunds of them, and the grants they drew."""
    wanted = [(pool, seq) for pool in pools for seq in needs[pool].lines]
    if not wanted:
        return
    statement = select(TRANSACTIONS).where(
        or_(
            pairs(TRANSACTIONS.c.pool, TRANSACTIONS.c.seq, wanted),
            pairs(TRANSACTIONS.c.pool, TRANSACTIONS.c.reverses, wanted),
        )
    )
    drawn: set[tuple[int, int]] = set()
    for row in connection.execute(statement):
        line = pools[row.pool].past[row.seq] = transaction_from(row)
        drawn.update((row.pool, draw.grant) for draw in line.draws)
    loaded = {(pool.id, grant.number) for pool in pools.values() for grant in pool.grants}
    for (pool_id, _), grant in read_grants(connection, drawn - loaded).items():
        pools[pool_id].grants.append(grant)
    for pool_id, _ in wanted:
        pools[pool_id].grants.sort(key=Grant.order_of_use)
