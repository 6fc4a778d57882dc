"""What a statement reads of a pool's lines: balances at its ends, and all that is not use."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.domain.transaction import Transaction, TransactionKind
from app.store.history import last_seq_at
from app.store.pools import IS_RARE, TRANSACTIONS
from app.store.shapes import transaction_from

RARE = tuple(kind for kind in TransactionKind if kind is not TransactionKind.DEDUCTION)


class Ends(NamedTuple):
    """The last line before a statement begins and the last one in it, with the balances then."""

    before: int
    last: int
    opening: int
    closing: int


def ends(connection: Connection, pool: int, since: datetime, until: datetime) -> Ends:
    """Find the lines from an instant until just before another."""
    before = last_seq_at(connection, pool, since - datetime.resolution)
    last = last_seq_at(connection, pool, until - datetime.resolution)
    return Ends(before, last, _balance(connection, pool, before), _balance(connection, pool, last))


def other_lines(connection: Connection, pool: int, of: Ends) -> list[Transaction]:
    """Read the lines between that are no deductions, the oldest first; an index holds these."""
    line = TRANSACTIONS.c
    statement = (
        select(TRANSACTIONS)
        .where(line.pool == pool, IS_RARE, line.kind.in_(RARE))
        .where(line.seq > of.before, line.seq <= of.last)
    )
    found = [transaction_from(row) for row in connection.execute(statement)]
    return sorted(found, key=lambda line: line.seq)


def _balance(connection: Connection, pool: int, seq: int) -> int:
    line = TRANSACTIONS.c
    statement = select(line.balance_after).where(line.pool == pool, line.seq == seq)
    return connection.scalar(statement) or 0
