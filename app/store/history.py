"""Reading pools and their history. Each statement names one pool, but for the switcher's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, or_, select

from app.domain.grant import Grant
from app.domain.hold import Hold, HoldState
from app.domain.pool import Pool
from app.domain.proof import UsageKey, Used
from app.domain.role import Role
from app.domain.transaction import Transaction, TransactionKind
from app.store.accounts import Account, Membership
from app.store.apps import App
from app.store.people import Person
from app.store.pools import GRANTS, HOLDS, IS_RARE, PERIODS, POOLS, TRANSACTIONS, USAGE
from app.store.shapes import AnyRow, grant_from, hold_from, pool_from, transaction_from

LINES_AT_ONCE = 1_000
USED = (TransactionKind.DEDUCTION, TransactionKind.REFUND)


class UsageBy(StrEnum):
    """By what a usage report adds up."""

    MEMBER = "member"
    APP = "app"
    ACTION = "action"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines of a history are wanted; None leaves a field open. Members and apps are ids.

    0 wants lines without a member or an app, `used` deductions and refunds: what usage adds up.
    """

    member: int | None = None
    app: int | None = None
    action: str | None = None
    kind: TransactionKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    used: bool = False


class UsageSum(NamedTuple):
    """Used credits and number of deductions for one key: a person or app id, action or day."""

    key: int | str | date
    credits: int
    deductions: int


class PeriodFacts(NamedTuple):
    """Which plan a pool was on in a period."""

    plan: str
    start: datetime
    end: datetime


def read_pool(connection: Connection, pool_id: int) -> Pool | None:
    """Read a pool with its open grants in order of use."""
    row = connection.execute(select(POOLS).where(POOLS.c.id == pool_id)).first()
    if row is None:
        return None
    pool = pool_from(row)
    pool.grants = _grants(connection, GRANTS.c.pool == pool_id, GRANTS.c.is_open)
    return pool


def read_pools(connection: Connection, pool_ids: Sequence[int]) -> dict[int, Pool]:
    """Read the totals of several pools, without their grants."""
    rows = connection.execute(select(POOLS).where(POOLS.c.id.in_(pool_ids)))
    return {row.id: pool_from(row) for row in rows}


def read_hold(connection: Connection, pool: int, number: int) -> Hold | None:
    """Read a hold."""
    statement = select(HOLDS).where(HOLDS.c.pool == pool, HOLDS.c.number == number)
    row = connection.execute(statement).first()
    return hold_from(row) if row else None


def read_lines(
    connection: Connection,
    pool: int,
    wanted: LineFilter,
    limit: int,
    before_seq: int | None = None,
) -> list[Transaction]:
    """Read lines of a pool's history, the newest first."""
    statement = _filtered(pool, wanted).where(*_between(connection, pool, wanted))
    if before_seq is not None:
        statement = statement.where(TRANSACTIONS.c.seq < before_seq)
    rows = connection.execute(statement.order_by(TRANSACTIONS.c.seq.desc()).limit(limit))
    return [transaction_from(row) for row in rows]


def all_lines(connection: Connection, pool: int, after_seq: int = 0) -> Iterator[Transaction]:
    """Read a pool's whole history after a line, the oldest first, a thousand at a time."""
    while True:
        statement = (
            select(TRANSACTIONS)
            .where(TRANSACTIONS.c.pool == pool, TRANSACTIONS.c.seq > after_seq)
            .order_by(TRANSACTIONS.c.seq)
            .limit(LINES_AT_ONCE)
        )
        lines = [transaction_from(row) for row in connection.execute(statement)]
        yield from lines
        if len(lines) < LINES_AT_ONCE:
            return
        after_seq = lines[-1].seq


def last_seq_at(connection: Connection, pool: int, at: datetime) -> int:
    """Find the last line that was written at or before an instant; 0 when there is none.

    Lines are in order of time, so that halving finds it without an index of its own.
    """
    seqs, time_of = _line_times(connection, pool)
    return bisect_right(seqs, at, key=time_of)


def grants_by(connection: Connection, pool: int, at: datetime) -> list[Grant]:
    """Read all grants that had entered a pool by an instant, in order of use, as they are now."""
    return _grants(connection, GRANTS.c.pool == pool, GRANTS.c.effective_at <= at)


def every_grant(connection: Connection, pool: int) -> list[Grant]:
    """Read all grants of a pool, in order of use."""
    return _grants(connection, GRANTS.c.pool == pool)


def holds_active_at(connection: Connection, pool: int, at: datetime) -> list[Hold]:
    """Read the holds that were active at an instant."""
    still = or_(HOLDS.c.ended_at.is_(None), HOLDS.c.ended_at > at)
    statement = select(HOLDS).where(HOLDS.c.pool == pool, HOLDS.c.created_at <= at, still)
    return [hold_from(row) for row in connection.execute(statement)]


def active_holds(connection: Connection, pool: int) -> list[Hold]:
    """Read the holds that are active now."""
    statement = select(HOLDS).where(HOLDS.c.pool == pool, HOLDS.c.state == HoldState.ACTIVE)
    return [hold_from(row) for row in connection.execute(statement)]


def period_at(connection: Connection, pool: int, at: datetime) -> PeriodFacts | None:
    """Find the period that was open at an instant."""
    statement = (
        select(PERIODS.c.plan, PERIODS.c.starts_at, PERIODS.c.ends_at)
        .where(PERIODS.c.pool == pool, PERIODS.c.starts_at <= at)
        .order_by(PERIODS.c.number.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return PeriodFacts(*row) if row else None


def sum_usage(
    connection: Connection, pool: int, by: UsageBy, since: date | None, until: date | None
) -> list[UsageSum]:
    """Add a pool's usage up from the daily rollup, from day `since` through day `until`."""
    key = USAGE.c[by.value]
    statement = (
        select(key, func.sum(USAGE.c.credits), func.sum(USAGE.c.count))
        .where(USAGE.c.pool == pool)
        .group_by(key)
    )
    if since is not None:
        statement = statement.where(USAGE.c.day >= since)
    if until is not None:
        statement = statement.where(USAGE.c.day <= until)
    return [UsageSum(row[0], int(row[1]), int(row[2])) for row in connection.execute(statement)]


def all_usage(connection: Connection, pool: int) -> dict[UsageKey, Used]:
    """Read a pool's whole usage rollup."""
    key = (USAGE.c.day, USAGE.c.member, USAGE.c.app, USAGE.c.action)
    statement = select(*key, USAGE.c.credits, USAGE.c.count).where(USAGE.c.pool == pool)
    return {tuple(row[:4]): (row[4], row[5]) for row in connection.execute(statement)}


def names_of_people(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Find addresses and names by person id."""
    facts = select(Person.id, Person.email, Person.name)
    return {
        person_id: (email, name)
        for chunk in _chunks(ids)
        for person_id, email, name in connection.execute(facts.where(Person.id.in_(chunk)))
    }


def names_of_apps(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Find names by app id."""
    return {
        app_id: name
        for chunk in _chunks(ids)
        for app_id, name in connection.execute(select(App.id, App.name).where(App.id.in_(chunk)))
    }


def pool_ids(connection: Connection, slug: str | None = None) -> list[tuple[int, str]]:
    """List pools with their account's slug: all, or the one of that slug."""
    statement = select(POOLS.c.id, Account.slug).join(Account, Account.id == POOLS.c.id)
    if slug is not None:
        statement = statement.where(Account.slug == slug)
    return [(row[0], row[1]) for row in connection.execute(statement.order_by(POOLS.c.id))]


def contexts_of(connection: Connection, person_id: int) -> list[AnyRow]:
    """List a person's accounts: id, slug, kind, name, role; the personal one first."""
    statement = (
        select(Account.id, Account.slug, Account.kind, Account.name, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.person_id == person_id, Account.deleted_at.is_(None))
        .order_by(Account.kind, Account.name, Account.id)
    )
    return list(connection.execute(statement))


def all_contexts(connection: Connection, after: int, limit: int) -> list[AnyRow]:
    """List every account with its owner's role, from the first id after the given one."""
    statement = (
        select(Account.id, Account.slug, Account.kind, Account.name, Membership.role)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.role == Role.OWNER, Account.deleted_at.is_(None), Account.id > after)
        .order_by(Account.id)
        .limit(limit)
    )
    return list(connection.execute(statement))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + LINES_AT_ONCE] for first in range(0, len(ids), LINES_AT_ONCE))


def _grants(connection: Connection, *conditions: Any) -> list[Grant]:  # noqa: ANN401
    rows = connection.execute(select(GRANTS).where(and_(*conditions)))
    return sorted((grant_from(row) for row in rows), key=Grant.order_of_use)


def _filtered(pool: int, wanted: LineFilter) -> Select[Any]:
    table = TRANSACTIONS.c
    statement = select(TRANSACTIONS).where(table.pool == pool)
    for name in ("member", "app", "action", "kind"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(table[name] == (value or None))
    if wanted.used:
        statement = statement.where(table.kind.in_(USED))
    if wanted.kind not in (None, TransactionKind.DEDUCTION):
        statement = statement.where(IS_RARE)
    return statement


def _between(connection: Connection, pool: int, wanted: LineFilter) -> Iterator[Any]:
    """The lines from `since` until before `until`, told by their numbers."""
    if wanted.since is None and wanted.until is None:
        return
    seqs, time_of = _line_times(connection, pool)
    if wanted.since is not None:
        yield TRANSACTIONS.c.seq > bisect_left(seqs, wanted.since, key=time_of)
    if wanted.until is not None:
        yield TRANSACTIONS.c.seq <= bisect_left(seqs, wanted.until, key=time_of)


def _line_times(connection: Connection, pool: int) -> tuple[range, Callable[[int], datetime]]:
    """A pool's line numbers, and the time of each, read when it is asked for."""
    last = connection.scalar(select(POOLS.c.seq).where(POOLS.c.id == pool)) or 0

    def time_of(seq: int) -> datetime:
        line = and_(TRANSACTIONS.c.pool == pool, TRANSACTIONS.c.seq == seq)
        found: datetime = connection.scalars(select(TRANSACTIONS.c.at).where(line)).one()
        return found

    return range(1, last + 1), time_of
