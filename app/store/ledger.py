"""The ledger's statements: lock and load pools, write what commands and time did to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, func, or_, select, tuple_
from sqlalchemy.exc import IntegrityError

from app.domain.grant import Grant
from app.domain.hold import Hold, HoldState
from app.domain.pool import Pool
from app.domain.transaction import Transaction
from app.store import bulk
from app.store.directory import DirectoryRow
from app.store.pools import GRANTS, HOLDS, KEYS, PERIODS, POOLS, TRANSACTIONS, USAGE
from app.store.round_trip import OneOf, fetch_together, parameters, written_together
from app.store.shapes import (
    AnyRow,
    grant_from,
    hold_as_placed,
    hold_from,
    pool_from,
    row_of_grant,
    row_of_hold,
    row_of_line,
    row_of_period,
    row_of_pool,
    rows_of_usage,
    transaction_from,
)

LOCK_POOLS = (
    select(POOLS).where(OneOf(POOLS.c.id, "pools")).order_by(POOLS.c.id).with_for_update(of=POOLS)
)
# What follows sees all that was committed while the lock was waited for; a part of that very
# statement would not.
VERSION = select(DirectoryRow.version)
OPEN_GRANTS = select(GRANTS).where(OneOf(GRANTS.c.pool, "pools"), GRANTS.c.is_open)


class KeyTaken(Exception):  # noqa: N818 - a sign to look the answer up, not a failure
    """An idempotency key was there already: the whole transaction starts again, and looks."""


@dataclass(slots=True)
class Needs:
    """Which holds and which past lines of a pool the commands are about."""

    holds: set[int] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)


class NewKey(NamedTuple):
    """A key to keep, with the transaction or hold that answers it."""

    pool: int
    key: str
    fingerprint: str
    transaction: int | None
    hold: int | None
    created_at: datetime


class KnownKey(NamedTuple):
    """A key found again, with the first answer."""

    fingerprint: str
    outcome: Transaction | Hold


def lock_pools(
    connection: Connection, needs: Mapping[int, Needs], now: datetime
) -> tuple[dict[int, Pool], int]:
    """Lock pools in the order of their ids and load what the commands need.

    Returns them with the directory's version, read under the lock.
    """
    rows, grants, [(version,)] = fetch_together(
        connection, (LOCK_POOLS, OPEN_GRANTS, VERSION), parameters(connection, pools=list(needs))
    )
    pools = {row.id: pool_from(row) for row in rows}
    for row in grants:
        pools[row.pool].grants.append(grant_from(row))
    for pool in pools.values():
        pool.grants.sort(key=Grant.order_of_use)
    due = [row.id for row in rows if row.due_at and row.due_at <= max(now, row.at)]
    _load_holds(connection, pools, due, needs, now)
    _load_past(connection, pools, needs)
    return pools, version


def lock_pool(connection: Connection, pool: int) -> None:
    """Wait for the commits to a pool that run, and hold up others until this transaction ends.

    Whoever ends the right to spend takes it: nothing decided before is committed after the answer.
    """
    fetch_together(connection, (LOCK_POOLS,), parameters(connection, pools=[pool]))


def save(connection: Connection, pools: Iterable[Pool], keys: Sequence[NewKey] = ()) -> None:
    """Write everything that is new or changed; raise `KeyTaken` if a key was there already."""
    pools = list(pools)
    with key_taken_noticed(), written_together(connection):
        bulk.insert(connection, KEYS, keys)
        bulk.insert(
            connection, TRANSACTIONS, [row_of_line(p.id, x) for p in pools for x in p.lines]
        )
        bulk.add_up(connection, USAGE, rows_of_usage(pools))
        bulk.upsert(connection, GRANTS, [row_of_grant(p.id, g) for p in pools for g in p.grants])
        bulk.upsert(
            connection, HOLDS, [row_of_hold(p.id, h) for p in pools for h in p.holds.values()]
        )
        bulk.insert(connection, PERIODS, [row_of_period(p.id, x) for p in pools for x in p.opened])
        bulk.upsert(connection, POOLS, [row_of_pool(p) for p in pools])


@contextmanager
def key_taken_noticed() -> Iterator[None]:
    """Turn the database's own words for a repeated idempotency key into `KeyTaken`."""
    try:
        yield
    except Exception as error:
        told = str(error)
        if KEYS.name in told and isinstance(error, IntegrityError | _unique_violation()):
            raise KeyTaken from error
        raise


def _unique_violation() -> type[Exception]:
    from psycopg.errors import UniqueViolation

    return UniqueViolation


def recall(
    connection: Connection, keys: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], KnownKey]:
    """Find the first answers to keys that were used before, by (pool, key)."""
    wanted = _pairs(KEYS.c.pool, KEYS.c.key, keys)
    rows = connection.execute(select(KEYS).where(wanted)).all()
    lines = _read(
        connection,
        TRANSACTIONS,
        [(row.pool, row.transaction) for row in rows if row.transaction is not None],
        transaction_from,
    )
    holds = _read(
        connection,
        HOLDS,
        [(row.pool, row.hold) for row in rows if row.hold is not None],
        hold_as_placed,
    )
    return {
        (row.pool, row.key): KnownKey(
            row.fingerprint,
            lines[row.pool, row.transaction]
            if row.transaction is not None
            else holds[row.pool, row.hold],
        )
        for row in rows
    }


def read_grants(
    connection: Connection, grants: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Grant]:
    """Read grants by (pool, number), to name the source and expiry of a draw."""
    return _read(connection, GRANTS, list(grants), grant_from)


def due_pools(connection: Connection, now: datetime, limit: int, after: int = 0) -> list[int]:
    """List pools that time has changed and nobody has settled since, by id."""
    statement = select(POOLS.c.id).where(POOLS.c.due_at <= now, POOLS.c.id > after)
    return list(connection.scalars(statement.order_by(POOLS.c.id).limit(limit)))


def which_are_due(connection: Connection, pools: Sequence[int], now: datetime) -> list[int]:
    """Tell which of these pools time has changed since they were settled last."""
    if not pools:
        return []
    statement = select(POOLS.c.id).where(_one_of(POOLS.c.id, pools), POOLS.c.due_at <= now)
    return list(connection.scalars(statement.order_by(POOLS.c.id)))


def purge_keys(connection: Connection, before: datetime) -> int:
    """Forget idempotency keys older than `before`; returns how many."""
    return connection.execute(KEYS.delete().where(KEYS.c.created_at < before)).rowcount


def _one_of(column: Any, ids: Iterable[int]) -> Any:  # noqa: ANN401 - a SQL expression
    ids = list(ids)
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


def _pairs(first: Any, second: Any, pairs: Sequence[tuple[Any, Any]]) -> Any:  # noqa: ANN401
    """A condition that meets exactly these pairs; one pool, the usual case, stays a plain list."""
    pools = {pool for pool, _ in pairs}
    if len(pools) == 1:
        return and_(first == pools.pop(), second.in_([value for _, value in pairs]))
    return tuple_(first, second).in_(pairs)


def _read(
    connection: Connection,
    table: Table,
    keys: Sequence[tuple[int, int]],
    build: Callable[[AnyRow], Any],
) -> dict[tuple[int, int], Any]:
    if not keys:
        return {}
    pool, number = list(table.primary_key)
    rows = connection.execute(select(table).where(_pairs(pool, number, keys)))
    return {(row[0], row[1]): build(row) for row in rows}


def _load_holds(
    connection: Connection,
    pools: Mapping[int, Pool],
    due: Sequence[int],
    needs: Mapping[int, Needs],
    now: datetime,
) -> None:
    wanted = [(pool, number) for pool in pools for number in needs[pool].holds]
    conditions = []
    if wanted:
        conditions.append(_pairs(HOLDS.c.pool, HOLDS.c.number, wanted))
    if due:
        until = max([now, *(pools[pool].at for pool in due)])
        conditions.append(and_(_timing_out(due), HOLDS.c.expires_at <= until))
        later = select(HOLDS.c.pool, func.min(HOLDS.c.expires_at)).where(
            _timing_out(due), HOLDS.c.expires_at > until
        )
        for pool in due:
            pools[pool].due_later = None
        for pool, at in connection.execute(later.group_by(HOLDS.c.pool)):
            pools[pool].due_later = at
    if conditions:
        for row in connection.execute(select(HOLDS).where(or_(*conditions))):
            pools[row.pool].holds[row.number] = hold_from(row)


def _timing_out(due: Sequence[int]) -> Any:  # noqa: ANN401 - a SQL expression
    return and_(_one_of(HOLDS.c.pool, due), HOLDS.c.state == HoldState.ACTIVE)


def _load_past(
    connection: Connection, pools: Mapping[int, Pool], needs: Mapping[int, Needs]
) -> None:
    """Load the lines that refunds are about, earlier refunds of them, and the grants they drew."""
    wanted = [(pool, seq) for pool in pools for seq in needs[pool].lines]
    if not wanted:
        return
    statement = select(TRANSACTIONS).where(
        or_(
            _pairs(TRANSACTIONS.c.pool, TRANSACTIONS.c.seq, wanted),
            _pairs(TRANSACTIONS.c.pool, TRANSACTIONS.c.reverses, wanted),
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
