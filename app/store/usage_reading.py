"""Usage of a pool in a range of days, quickly at any size and exact at any instant.

Whole blocks of days come from `app.store.usage_sums`; what is newer than those from the lines,
or, where that would be many, from the daily rollup, as does all of a pool that has no sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select, true, union_all

from app.domain.day_block import SHIFT, block_of, cover, day_of
from app.domain.transaction import TransactionKind
from app.store.apps import App
from app.store.history import UsageBy, last_seq_at
from app.store.people import Person
from app.store.pools import POOLS, TRANSACTIONS, USAGE
from app.store.usage_sums import SUMS, USED, Subject, day_of_line, read_mark

A_DAY = timedelta(days=1)
FEW_LINES = 5_000
SAMPLE = 200
SUBJECTS = {by: Subject[by.name] for by in UsageBy}


class Span(NamedTuple):
    """Where the usage of a range of days is read: blocks of sums, and lines or days after them."""

    pool: int
    blocks: list[int]
    lines: tuple[int, datetime | None, datetime | None] | None
    days: tuple[date | None, date | None] | None


class Ranked(NamedTuple):
    """What one member, app or action used, and its place among all `of` them, the most first."""

    key: int | str
    credits: int
    deductions: int
    place: int
    of: int


class Wanted(NamedTuple):
    """Which places of a ranking are read: some in a row, and of a large crowd a sample.

    `text` is part of a name, an address or an action's key.
    """

    first: int = 1
    most: int | None = None
    text: str = ""
    sample: bool = False


def span(connection: Connection, pool: int, since: date | None, until: date | None) -> Span:
    """Find where to read a pool's usage from day `since` through day `until`."""
    mark = read_mark(connection, pool)
    if mark is None:
        return Span(pool, [], None, (since, until))
    newest = connection.scalars(select(POOLS.c.seq).where(POOLS.c.id == pool)).one()
    first, last = max(since or mark.first, mark.first), until or date.max
    many = newest - mark.seq > FEW_LINES
    summed = min(last, mark.day - A_DAY if many else mark.day)
    large = cover(first, min(summed, mark.blocks_through))
    single = _days(max(first, mark.blocks_through + A_DAY), summed)
    blocks = [*large, *single]
    if last < mark.day or newest == mark.seq:
        return Span(pool, blocks, None, None)
    if many:
        return Span(pool, blocks, None, (max(mark.day, since or mark.day), until))
    later = _midnight(since) if since and since > mark.day else None
    return Span(pool, blocks, (mark.seq, later, _midnight(until + A_DAY) if until else None), None)


def rank(connection: Connection, where: Span, by: UsageBy, wanted: Wanted) -> list[Ranked]:
    """Rank members, apps or actions by what they used."""
    totals = _totals(where, by)
    place = func.row_number().over(order_by=(totals.c.credits.desc(), totals.c.key))
    of = func.count().over()
    statement = select(totals, place.label("place"), of.label("of"))
    if wanted.text:
        statement = _named(statement, totals.c.key, by, wanted.text)
    ranked = statement.cte("ranked")
    chosen: Any = ranked.c.place >= wanted.first
    if wanted.most is not None:
        chosen = and_(chosen, ranked.c.place < wanted.first + wanted.most)
    if wanted.sample:
        chosen = or_(chosen, ranked.c.place % (ranked.c.of // SAMPLE + 1) == 0)
    rows = connection.execute(select(ranked).where(chosen).order_by(ranked.c.place))
    return [Ranked(row[0], int(row[1]), int(row[2]), row[3], row[4]) for row in rows]


def used_by_each(
    connection: Connection, where: Span, by: UsageBy, keys: Sequence[int | str] | None
) -> dict[int | str, tuple[int, int]]:
    """Credits and deductions of these members, apps or actions; of all when None.

    Those who used nothing are missing.
    """
    if keys is not None and not keys:
        return {}
    totals = _totals(where, by, keys)
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(select(totals))}


def total(connection: Connection, where: Span) -> tuple[int, int]:
    """Credits and deductions of all together."""
    parts = _parts(where, UsageBy.DAY, None).subquery()
    statement = select(func.sum(parts.c.credits), func.sum(parts.c.count))
    credits, count = connection.execute(statement).one()
    return int(credits or 0), int(count or 0)


def daily(
    connection: Connection, pool: int, since: date | None, until: date | None
) -> dict[date, tuple[int, int]]:
    """Credits and deductions of each day on which something was used."""
    where = span(connection, pool, since, until)
    sums = SUMS.c
    found: dict[date, tuple[int, int]] = {}
    if where.blocks:
        last = max(day_of(block) + ((1 << block % 16) - 1) * A_DAY for block in where.blocks)
        statement = select(sums.block, sums.credits, sums.count).where(
            sums.pool == pool,
            sums.subject == Subject.DAY,
            sums.block >= min(where.blocks) >> SHIFT << SHIFT,
            sums.block <= block_of(last),
            sums.block % (1 << SHIFT) == 0,
        )
        found = {day_of(row[0]): (row[1], row[2]) for row in connection.execute(statement)}
    for day, credits, count in connection.execute(_newer_days(where)):
        before = found.get(day, (0, 0))
        found[day] = (before[0] + int(credits), before[1] + int(count))
    return found


def _newer_days(where: Span) -> Any:  # noqa: ANN401 - a SELECT
    if where.lines is not None:
        day, credits, count = day_of_line(), -TRANSACTIONS.c.credits, _is_deduction()
        statement = select(day, func.sum(credits), func.sum(count)).where(*_newer(where))
        return statement.group_by(day)
    usage = USAGE.c
    chosen = select(usage.day, func.sum(usage.credits), func.sum(usage.count))
    return chosen.where(*_in_days(where)).group_by(usage.day)


def _totals(where: Span, by: UsageBy, keys: Sequence[int | str] | None = None) -> Any:  # noqa: ANN401
    parts = _parts(where, by, keys).subquery()
    credits, count = func.sum(parts.c.credits), func.sum(parts.c.count)
    statement = select(parts.c.key, credits.label("credits"), count.label("count"))
    return statement.group_by(parts.c.key).cte("totals")


def _parts(where: Span, by: UsageBy, keys: Sequence[int | str] | None) -> Any:  # noqa: ANN401
    """The rows that add up to the usage of a range: key, credits, count."""
    parts = []
    if where.blocks:
        sums = SUMS.c
        key = sums.action if by is UsageBy.ACTION else sums.number
        chosen = select(key.label("key"), sums.credits, sums.count).where(
            sums.pool == where.pool, sums.subject == SUBJECTS[by], sums.block.in_(where.blocks)
        )
        parts.append(chosen if keys is None else chosen.where(key.in_(keys)))
    if where.lines is not None:
        line = TRANSACTIONS.c
        known = func.coalesce(line[_column(by)], "" if by is UsageBy.ACTION else 0)
        used, count = (-line.credits).label("credits"), _is_deduction().label("count")
        chosen = select(known.label("key"), used, count).where(*_newer(where))
        parts.append(chosen if keys is None else chosen.where(known.in_(keys)))
    if where.days is not None or not parts:
        usage = USAGE.c
        key = usage[_column(by)]
        chosen = select(key.label("key"), usage.credits, usage.count).where(*_in_days(where))
        parts.append(chosen if keys is None else chosen.where(key.in_(keys)))
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _column(by: UsageBy) -> str:
    """The column of lines and rollup; for all together any will do."""
    return "member" if by is UsageBy.DAY else by.value


def _is_deduction() -> Any:  # noqa: ANN401 - a SQL expression
    return case((TRANSACTIONS.c.kind == TransactionKind.DEDUCTION, 1), else_=0)


def _newer(where: Span) -> list[Any]:
    """The lines after the mark that are in the range."""
    assert where.lines is not None
    (seq, since, until), line = where.lines, TRANSACTIONS.c
    conditions: list[Any] = [line.pool == where.pool, line.seq > seq, line.kind.in_(USED)]
    if since is not None:
        conditions.append(line.at >= since)
    if until is not None:
        conditions.append(line.at < until)
    return conditions


def _in_days(where: Span) -> list[Any]:
    """The rows of the rollup in the range; none where there is nothing to read."""
    usage = USAGE.c
    since, until = where.days or (date.max, date.min)
    return [
        usage.pool == where.pool,
        usage.day >= since if since is not None else true(),
        usage.day <= until if until is not None else true(),
    ]


def _named(statement: Any, key: Any, by: UsageBy, text: str) -> Any:  # noqa: ANN401
    """Only those whose name, address or key contains a text."""
    if by is UsageBy.MEMBER:
        found = Person.name.icontains(text, autoescape=True)
        found = or_(found, Person.email.icontains(text, autoescape=True))
        return statement.join(Person, Person.id == key).where(found)
    if by is UsageBy.APP:
        return statement.join(App, App.id == key).where(App.name.icontains(text, autoescape=True))
    return statement.where(key.icontains(text, autoescape=True))


def _days(first: date, last: date) -> list[int]:
    return [block_of(first + n * A_DAY) for n in range((last - first).days + 1)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class Whole(NamedTuple):
    """From an instant until just before another: whole days, and the lines at their edges."""

    days: Span | None
    edges: list[tuple[int, int]]


def whole(connection: Connection, pool: int, since: datetime, until: datetime) -> Whole:
    """Find where to read a pool's usage between two instants."""
    first, last = _midnight(since.date()), _midnight(until.date())
    if first < since:
        first += A_DAY
    if first >= last:
        return Whole(None, [_lines_between(connection, pool, since, until)])
    days = span(connection, pool, first.date(), last.date() - A_DAY)
    edges = [edge for edge in ((since, first), (last, until)) if edge[0] < edge[1]]
    return Whole(days, [_lines_between(connection, pool, *edge) for edge in edges])


def between(
    connection: Connection, pool: int, where: Whole, by: UsageBy
) -> dict[int | str, tuple[int, int]]:
    """Credits and deductions of members, apps or actions between two instants."""
    found = used_by_each(connection, where.days, by, None) if where.days else {}
    line = TRANSACTIONS.c
    key = func.coalesce(line[_column(by)], "" if by is UsageBy.ACTION else 0)
    for after, last in where.edges:
        statement = (
            select(key, func.sum(-line.credits), func.sum(_is_deduction()))
            .where(line.pool == pool, line.kind.in_(USED))
            .where(line.seq > after, line.seq <= last)
            .group_by(key)
        )
        for name, credits, count in connection.execute(statement):
            before = found.get(name, (0, 0))
            found[name] = before[0] + int(credits), before[1] + int(count)
    return found


def _lines_between(
    connection: Connection, pool: int, since: datetime, until: datetime
) -> tuple[int, int]:
    a_moment = datetime.resolution
    after = last_seq_at(connection, pool, since - a_moment)
    return after, last_seq_at(connection, pool, until - a_moment)
