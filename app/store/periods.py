"""The record of pools' periods, as pages, mails and commands read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.domain.transaction import Transaction, TransactionKind
from app.store.accounts import Account
from app.store.history import last_seq_at
from app.store.pools import IS_RARE, PERIODS, TRANSACTIONS
from app.store.shapes import transaction_from

IDS_AT_ONCE = 1_000
WRITTEN_BY_TIME_OR_GRANT = (
    TransactionKind.ALLOCATION,
    TransactionKind.EXPIRY,
    TransactionKind.TOP_UP,
    TransactionKind.ADJUSTMENT,
)


class PeriodRecord(NamedTuple):
    """One period as it was opened."""

    number: int
    plan: str
    starts_at: datetime
    ends_at: datetime
    granted: int
    carried: int
    trimmed: int


def latest_periods(
    connection: Connection, pool: int, limit: int, before: int | None = None
) -> list[PeriodRecord]:
    """Read periods of a pool, the latest first, from before period number `before`."""
    columns = [PERIODS.c[name] for name in PeriodRecord._fields]
    statement = select(*columns).where(PERIODS.c.pool == pool)
    if before is not None:
        statement = statement.where(PERIODS.c.number < before)
    rows = connection.execute(statement.order_by(PERIODS.c.number.desc()).limit(limit))
    return [PeriodRecord(*row) for row in rows]


def lines_of_time_and_grants(
    connection: Connection, pool: int, since: datetime
) -> list[Transaction]:
    """Read what entered a pool and what expired since an instant, the oldest first.

    An index holds these lines alone, however many deductions stand between them.
    """
    seq = last_seq_at(connection, pool, since - timedelta(microseconds=1))
    lines = TRANSACTIONS.c
    statement = (
        select(TRANSACTIONS)
        .where(lines.pool == pool, IS_RARE, lines.seq > seq)
        .where(lines.kind.in_(WRITTEN_BY_TIME_OR_GRANT))
    )
    found = [transaction_from(row) for row in connection.execute(statement)]
    return sorted(found, key=lambda line: line.seq)


def slugs_of_pools(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Find the slugs of accounts by their pool's id."""
    found: dict[int, str] = {}
    for first in range(0, len(ids), IDS_AT_ONCE):
        chunk = ids[first : first + IDS_AT_ONCE]
        statement = select(Account.id, Account.slug).where(Account.id.in_(chunk))
        found.update({row[0]: row[1] for row in connection.execute(statement)})
    return found
