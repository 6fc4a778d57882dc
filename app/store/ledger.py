"""The ledger's statements: lock and load pools, write what commands and time did to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from app.domain.hold import Hold
from app.domain.pool import Pool
from app.domain.transaction import Transaction
from app.store import bulk
from app.store.keyed_rows import one_of, pairs, read_keyed
from app.store.loaded_pools import LOCK_POOLS
from app.store.outbox import Message, write_messages
from app.store.pools import GRANTS, HOLDS, KEYS, PERIODS, POOLS, TRANSACTIONS, USAGE
from app.store.round_trip import fetch_together, parameters, written_together
from app.store.shapes import (
    hold_as_placed,
    row_of_grant,
    row_of_hold,
    row_of_line,
    row_of_period,
    row_of_pool,
    rows_of_usage,
    transaction_from,
)


class KeyTaken(Exception):  # noqa: N818 - a sign to look the answer up, not a failure
    """An idempotency key was there already: the whole transaction starts again, and looks."""


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


def lock_pool(connection: Connection, pool: int) -> None:
    """Wait for the commits to a pool that run, and hold up others until this transaction ends.

    Whoever ends the right to spend takes it: nothing decided before is committed after the answer.
    """
    fetch_together(connection, (LOCK_POOLS,), parameters(connection, pools=[pool]))


def save(
    connection: Connection,
    pools: Iterable[Pool],
    keys: Sequence[NewKey] = (),
    messages: Sequence[Message] = (),
) -> None:
    """Write everything that is new or changed; raise `KeyTaken` if a key was there already."""
    pools = list(pools)
    with key_taken_noticed(), written_together(connection):
        bulk.insert(connection, KEYS, keys)
        bulk.insert(
            connection, TRANSACTIONS, [row_of_line(p.id, x) for p in pools for x in p.lines]
        )
        bulk.add_up(connection, USAGE, rows_of_usage(pools))
        bulk.upsert(
            connection,
            GRANTS,
            [row_of_grant(p.id, g) for p in pools for g in (*p.grants, *p.gone) if g.changed],
        )
        bulk.upsert(
            connection, HOLDS, [row_of_hold(p.id, h) for p in pools for h in p.holds.values()]
        )
        bulk.insert(connection, PERIODS, [row_of_period(p.id, x) for p in pools for x in p.opened])
        bulk.upsert(connection, POOLS, [row_of_pool(p) for p in pools])
        write_messages(connection, messages)


@contextmanager
def key_taken_noticed() -> Iterator[None]:
    """Turn the database's own words for a repeated idempotency key into `KeyTaken`."""
    try:
        yield
    except Exception as error:
        told = str(error)
        if KEYS.name in told and isinstance(error, _unique_violations()):
            raise KeyTaken from error
        raise


def _unique_violations() -> tuple[type[Exception], ...]:
    from sqlite3 import IntegrityError

    from psycopg.errors import UniqueViolation

    return UniqueViolation, IntegrityError


def recall(
    connection: Connection, keys: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], KnownKey]:
    """Find the first answers to keys that were used before, by (pool, key)."""
    wanted = pairs(KEYS.c.pool, KEYS.c.key, keys)
    rows = connection.execute(select(KEYS).where(wanted)).all()
    lines = read_keyed(
        connection,
        TRANSACTIONS,
        [(row.pool, row.transaction) for row in rows if row.transaction is not None],
        transaction_from,
    )
    holds = read_keyed(
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


def due_pools(connection: Connection, now: datetime, limit: int, after: int = 0) -> list[int]:
    """List pools that time has changed and nobody has settled since, by id."""
    statement = select(POOLS.c.id).where(POOLS.c.due_at <= now, POOLS.c.id > after)
    return list(connection.scalars(statement.order_by(POOLS.c.id).limit(limit)))


def count_due(connection: Connection, now: datetime) -> int:
    """Count the pools that time has changed and nobody has settled since."""
    statement = select(func.count()).select_from(POOLS).where(POOLS.c.due_at <= now)
    return connection.scalars(statement).one()


def next_due_at(connection: Connection, now: datetime) -> datetime | None:
    """When the next pool is due after `now`."""
    statement = select(func.min(POOLS.c.due_at)).where(POOLS.c.due_at > now)
    found: datetime | None = connection.scalar(statement)
    return found


def which_are_due(connection: Connection, pools: Sequence[int], now: datetime) -> list[int]:
    """Tell which of these pools time has changed since they were settled last."""
    if not pools:
        return []
    statement = select(POOLS.c.id).where(one_of(POOLS.c.id, pools), POOLS.c.due_at <= now)
    return list(connection.scalars(statement.order_by(POOLS.c.id)))


def purge_keys(connection: Connection, before: datetime) -> int:
    """Forget idempotency keys older than `before`; returns how many."""
    return connection.execute(KEYS.delete().where(KEYS.c.created_at < before)).rowcount
