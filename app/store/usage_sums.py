"""Usage summed up once more, by one thing at a time and by blocks of days, for large pools.

The daily rollup has a row for each member with each app and action: in a large team nearly as
many as the ledger. Its sums are made from the lines in the background and never change again, so
no deduction waits for them. `usage_marks` says how far they go; what is newer is read from the
lines or the rollup itself (`app.store.usage_reading`), so reports are exact at any instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import IntEnum
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, Connection, Date, String, Table, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.day_block import block_of
from app.domain.transaction import TransactionKind
from app.store import bulk
from app.store.database import Base
from app.store.pools import POOLS, TRANSACTIONS

USED = (TransactionKind.DEDUCTION, TransactionKind.REFUND)


class Subject(IntEnum):
    """By what a sum adds up."""

    DAY = 0
    MEMBER = 1
    APP = 2
    ACTION = 3


class UsageSumRow(Base):
    """What one member, app or action (or all) used in a block of days (`app.domain.day_block`).

    `number` is the id of a member or app, 0 for none; `action` is empty for other subjects.
    """

    __tablename__ = "usage_sums"

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(60), primary_key=True)
    credits: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)


class UsageMarkRow(Base):
    """How far a pool's sums go.

    All lines through `seq` are in the sums of single days; `day` is that line's, `first` the day
    of the first. Larger blocks that end by day `blocks_through` are there.
    """

    __tablename__ = "usage_marks"

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[date] = mapped_column(Date)
    day: Mapped[date] = mapped_column(Date)
    blocks_through: Mapped[date] = mapped_column(Date)


SUMS, MARKS = (cast("Table", row.__table__) for row in (UsageSumRow, UsageMarkRow))


class Mark(NamedTuple):
    """How far a pool's sums go, as `UsageMarkRow` says it."""

    seq: int
    first: date
    day: date
    blocks_through: date


class SumRow(NamedTuple):
    """A row of the sums."""

    pool: int
    subject: int
    block: int
    number: int
    action: str
    credits: int
    deductions: int


def read_mark(connection: Connection, pool: int) -> Mark | None:
    """Tell how far a pool's sums go; None when it has none."""
    columns = [MARKS.c[name] for name in Mark._fields]
    row = connection.execute(select(*columns).where(MARKS.c.pool == pool)).first()
    return Mark(*row) if row else None


def lagging_pools(connection: Connection, lines: int, limit: int, after: int) -> list[int]:
    """List pools that have at least so many lines after their mark, by id."""
    behind = POOLS.c.seq - func.coalesce(MARKS.c.seq, 0)
    statement = (
        select(POOLS.c.id)
        .outerjoin(MARKS, MARKS.c.pool == POOLS.c.id)
        .where(behind >= lines, POOLS.c.id > after)
        .order_by(POOLS.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def next_lines(
    connection: Connection, pool: int, mark: Mark | None, limit: int
) -> tuple[list[SumRow], Mark | None]:
    """Add up the lines that follow a mark, by day; returns where the mark is then."""
    after = mark.seq if mark else 0
    last = min(
        connection.scalars(select(POOLS.c.seq).where(POOLS.c.id == pool)).one(), after + limit
    )
    if last <= after:
        return [], mark
    day = _day_of_line(connection, pool, last)
    first = mark.first if mark else _day_of_line(connection, pool, 1)
    rows = list(_sums(pool, connection.execute(_by_all(pool, after, last))))
    return rows, Mark(last, first, day, mark.blocks_through if mark else first)


def add_lines(
    connection: Connection, pool: int, before: Mark | None, mark: Mark, rows: Sequence[SumRow]
) -> bool:
    """Move the mark and add the sums; False when somebody else moved it before."""
    if before is None:
        new = _insert(connection)(MARKS).values(pool=pool, **mark._asdict())
        statement = new.on_conflict_do_nothing()
    else:
        there = MARKS.update().where(MARKS.c.pool == pool, MARKS.c.seq == before.seq)
        statement = there.values(seq=mark.seq, day=mark.day)
    moved = connection.execute(statement.returning(MARKS.c.pool)).first() is not None
    if moved:
        bulk.add_up(connection, SUMS, rows)
    return moved


def halves(connection: Connection, pool: int, block: int, parts: Sequence[int]) -> list[SumRow]:
    """Add two blocks up to the one that they are."""
    sums = SUMS.c
    key = (sums.subject, sums.number, sums.action)
    statement = (
        select(*key, func.sum(sums.credits), func.sum(sums.count))
        .where(sums.pool == pool, sums.subject.in_(list(Subject)), sums.block.in_(parts))
        .group_by(*key)
    )
    return [
        SumRow(pool, subject, block, number, action, int(credits), int(count))
        for subject, number, action, credits, count in connection.execute(statement)
    ]


def put_block(connection: Connection, rows: Sequence[SumRow]) -> None:
    """Write a block's sums; who writes it again writes the same."""
    bulk.upsert(connection, SUMS, rows)


def note_blocks(connection: Connection, pool: int, through: date) -> None:
    """Note that the blocks that end by a day are there."""
    connection.execute(
        MARKS.update()
        .where(MARKS.c.pool == pool, MARKS.c.blocks_through < through)
        .values(blocks_through=through)
    )


def _insert(connection: Connection) -> Any:  # noqa: ANN401 - each database's own insert
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def day_of_line() -> Any:  # noqa: ANN401 - a SQL expression
    """The day (UTC) of a line; both databases keep or give instants in UTC."""
    return func.date(TRANSACTIONS.c.at, type_=Date)


def _day_of_line(connection: Connection, pool: int, seq: int) -> date:
    line = TRANSACTIONS.c
    statement = select(day_of_line()).where(line.pool == pool, line.seq == seq)
    found: date = connection.scalars(statement).one()
    return found


def _by_all(pool: int, after: int, last: int) -> Any:  # noqa: ANN401 - a SELECT
    line = TRANSACTIONS.c
    key = (day_of_line(), line.member, line.app, line.action)
    is_deduction = case((line.kind == TransactionKind.DEDUCTION, 1), else_=0)
    return (
        select(*key, func.sum(-line.credits), func.sum(is_deduction))
        .where(line.pool == pool, line.seq > after, line.seq <= last, line.kind.in_(USED))
        .group_by(*key)
    )


def _sums(pool: int, found: Any) -> Iterator[SumRow]:  # noqa: ANN401 - rows of `_by_all`
    """The sums of each subject alone."""
    totals: dict[tuple[int, int, int, str], list[int]] = {}
    for day, member, app, action, credits, count in found:
        block = block_of(day)
        for key in (
            (Subject.DAY.value, block, 0, ""),
            (Subject.MEMBER.value, block, member or 0, ""),
            (Subject.APP.value, block, app or 0, ""),
            (Subject.ACTION.value, block, 0, action or ""),
        ):
            total = totals.setdefault(key, [0, 0])
            total[0] += int(credits)
            total[1] += int(count)
    return (SumRow(pool, *key, *total) for key, total in totals.items())
