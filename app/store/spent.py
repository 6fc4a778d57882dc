"""What counts for limits: credits used in a window, and credits held now, by member and app.

Under a pool's lock only the lines since the last count are read; whoever has none adds up the
daily rollup, and the lines of a day that a window cuts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, literal_column, select

from app.domain.hold import HoldState
from app.domain.transaction import USED
from app.store.history import last_seq_at
from app.store.pools import HOLDS, TRANSACTIONS, USAGE
from app.store.round_trip import OneOf

A_DAY = timedelta(days=1)
MOST_LINES = 5_000  # with more than these it is quicker to add everything up anew


class UsedLine(NamedTuple):
    """A line that counts; `credits` are negative where they were used."""

    seq: int
    member: int | None
    app: int | None
    credits: int
    at: datetime


_LINES, _HOLDS, _USAGE = TRANSACTIONS.c, HOLDS.c, USAGE.c

# These run past SQLAlchemy, which gives them none of the values that they would hold as parameters.
_COUNTS = _LINES.kind.in_([literal_column(f"'{kind.value}'") for kind in USED])
_ACTIVE = _HOLDS.state == literal_column(f"'{HoldState.ACTIVE.value}'")
LINES_SINCE = (
    select(_LINES.seq, _LINES.member, _LINES.app, _LINES.credits, _LINES.at)
    .where(
        _LINES.pool == bindparam("guarded_pool"),
        _LINES.seq > bindparam("counted_seq"),
        _LINES.seq <= bindparam("last_seq"),
        _COUNTS,
    )
    .order_by(_LINES.seq)
)
HELD_NOW = (
    select(_HOLDS.pool, _HOLDS.member, _HOLDS.app, cast(func.sum(_HOLDS.credits), BigInteger))
    .where(OneOf(_HOLDS.pool, "guarded"), _ACTIVE)
    .group_by(_HOLDS.pool, _HOLDS.member, _HOLDS.app)
)


def after(pool: int, seq: int) -> dict[str, int]:
    """The parameters of `LINES_SINCE`, which reads no more than `MOST_LINES`."""
    return {"guarded_pool": pool, "counted_seq": seq, "last_seq": seq + MOST_LINES}


def held_now(connection: Connection, pool: int) -> list[tuple[int | None, int | None, int]]:
    """Add up what is held, by member and app."""
    statement = (
        select(_HOLDS.member, _HOLDS.app, cast(func.sum(_HOLDS.credits), BigInteger))
        .where(_HOLDS.pool == pool, _ACTIVE)
        .group_by(_HOLDS.member, _HOLDS.app)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def used_since(
    connection: Connection, pool: int, since: datetime
) -> list[tuple[int | None, int | None, int]]:
    """Add up what was used from an instant on, by member and app: whole days from the rollup.

    The ledger has no lines of the future. What was refunded is taken off.
    """
    midnight = _midnight_from(since)
    found = _from_days(connection, pool, midnight.date())
    if since < midnight:
        found += _from_lines(connection, pool, since, midnight)
    return found


def _from_days(connection: Connection, pool: int, first: date) -> list[Any]:
    statement = (
        select(_USAGE.member, _USAGE.app, cast(func.sum(_USAGE.credits), BigInteger))
        .where(_USAGE.pool == pool, _USAGE.day >= first)
        .group_by(_USAGE.member, _USAGE.app)
    )
    return list(connection.execute(statement))


def _from_lines(connection: Connection, pool: int, since: datetime, until: datetime) -> list[Any]:
    moment = timedelta(microseconds=1)
    first, last = (last_seq_at(connection, pool, at - moment) for at in (since, until))
    statement = (
        select(_LINES.member, _LINES.app, cast(-func.sum(_LINES.credits), BigInteger))
        .where(_LINES.pool == pool, _LINES.seq > first, _LINES.seq <= last, _COUNTS)
        .group_by(_LINES.member, _LINES.app)
    )
    return list(connection.execute(statement))


def _midnight_from(at: datetime) -> datetime:
    found = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    return found if found == at else found + A_DAY
