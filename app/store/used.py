"""Usage between two instants: whole days from the daily rollup, their edges from the lines."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from app.domain.transaction import USED
from app.store.history import UsageBy, last_seq_at, sum_usage
from app.store.pools import TRANSACTIONS

A_DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)


def used_by_members(
    connection: Connection, pool: int, since: datetime, until: datetime
) -> Counter[int]:
    """Add up who used how much from an instant until just before another; 0 is no member."""
    used: Counter[int] = Counter()
    first, last = _midnight_from(since), _midnight(until)
    if first >= last:
        used.update(_from_lines(connection, pool, since, until))
        return used
    used.update(_from_lines(connection, pool, since, first))
    whole_days = (first.date(), last.date() - A_DAY)
    for total in sum_usage(connection, pool, UsageBy.MEMBER, *whole_days):
        used[int(str(total.key))] += total.credits
    used.update(_from_lines(connection, pool, last, until))
    return used


def _from_lines(
    connection: Connection, pool: int, since: datetime, until: datetime
) -> dict[int, int]:
    if since >= until:
        return {}
    lines = TRANSACTIONS.c
    first = last_seq_at(connection, pool, since - A_MOMENT)
    last = last_seq_at(connection, pool, until - A_MOMENT)
    statement = (
        select(lines.member, func.sum(lines.credits))
        .where(lines.pool == pool, lines.seq > first, lines.seq <= last, lines.kind.in_(USED))
        .group_by(lines.member)
    )
    return {row[0] or 0: -int(row[1]) for row in connection.execute(statement)}


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def _midnight_from(at: datetime) -> datetime:
    found = _midnight(at)
    return found if found == at else found + A_DAY
