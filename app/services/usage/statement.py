"""VERBS that read: the statement of a month or a cycle, which adds up as the ledger does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.refusals import InvalidRequest, NotFound
from app.domain.transaction import Transaction, TransactionKind
from app.services.credits.read import HasPool
from app.services.credits.settle import settle_if_due
from app.services.usage.report import names_of
from app.store.database import read_connection
from app.store.history import UsageBy
from app.store.periods import PeriodRecord, latest_periods
from app.store.statement_lines import ends, other_lines
from app.store.usage_reading import between, whole

MONTH, CYCLE = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])"), re.compile(r"cycle-([1-9]\d{0,8})")
MOST_ROWS = 100
MOST_CHOICES = 24
PARTS = (UsageBy.MEMBER, UsageBy.APP, UsageBy.ACTION)


@dataclass(frozen=True, slots=True)
class Choice:
    """A month (`2026-10`) or a cycle (`cycle-3`) that there is a statement of."""

    key: str
    since: datetime
    until: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What one member, app or action used; the last may stand for all the `others` together."""

    key: str
    name: str
    detail: str
    credits: int
    count: int


@dataclass(frozen=True, slots=True)
class Entered:
    """Credits that entered the pool: when, from where, and why."""

    at: datetime
    kind: str
    credits: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """All that changed a pool in a month or a cycle: opening + entered = gone + closing.

    What has gone is `deducted` less `refunded`, and `expired`. `until` is now while it is not over.
    """

    of: Choice
    until: datetime
    opening: int
    entered: list[Entered]
    deducted: int
    actions: int
    refunded: int
    expired: int
    closing: int
    members: list[Part]
    apps: list[Part]
    actions_used: list[Part]

    @property
    def used(self) -> int:
        """Credits that were used, refunds taken off."""
        return self.deducted - self.refunded

    @property
    def granted(self) -> int:
        """All credits that entered."""
        return sum(each.credits for each in self.entered)


def choices(account: HasPool, now: datetime) -> list[Choice]:
    """List the months and cycles of an account that have begun, the latest first."""
    settle_if_due([account.id], now)
    with read_connection() as connection:
        periods = latest_periods(connection, account.id, MOST_CHOICES)
        began = latest_periods(connection, account.id, 1, before=2)
    if not periods:
        return []
    months: list[Choice] = []
    month = _month(now.year, now.month, now)
    while len(months) < MOST_CHOICES and month.until > began[0].starts_at:
        months.append(month)
        last = month.since.year * 12 + month.since.month - 2
        month = _month(last // 12, last % 12 + 1, now)
    return months + _cycles(periods, now)


def usual_choice(account: HasPool, now: datetime) -> str:
    """Choose the last month that is over, else the one that runs; `NotFound` without any."""
    known = choices(account, now)
    if not known:
        raise NotFound("There is no statement yet: nothing has come into this pool.")
    return next((each.key for each in known if each.is_over), known[0].key)


def statement(account: HasPool, key: str, now: datetime) -> Statement:
    """Draw the statement of a month or a cycle up; `NotFound` for one that has not begun."""
    settle_if_due([account.id], now)
    of = _choice(account, key, now)
    if of.since > now:
        raise NotFound("This has not begun yet.")
    until = min(of.until, now + datetime.resolution)
    with read_connection(snapshot=True) as connection:
        found = ends(connection, account.id, of.since, until)
        lines = other_lines(connection, account.id, found)
        where = whole(connection, account.id, of.since, until)
        used = {by: between(connection, account.id, where, by) for by in PARTS}
        parts = {by: _parts(connection, by, used[by]) for by in PARTS}
    total = sum(credits for credits, _ in used[UsageBy.ACTION].values())
    refunded = _sum(lines, TransactionKind.REFUND)
    drawn = Statement(
        of=of,
        until=until,
        opening=found.opening,
        entered=[_entered(line) for line in lines if _enters(line)],
        deducted=total + refunded,
        actions=sum(count for _, count in used[UsageBy.ACTION].values()),
        refunded=refunded,
        expired=-_sum(lines, TransactionKind.EXPIRY),
        closing=found.closing,
        members=parts[UsageBy.MEMBER],
        apps=parts[UsageBy.APP],
        actions_used=parts[UsageBy.ACTION],
    )
    assert drawn.opening + drawn.granted - drawn.used - drawn.expired == drawn.closing
    return drawn


def _choice(account: HasPool, key: str, now: datetime) -> Choice:
    if month := MONTH.fullmatch(key):
        return _month(int(month[1]), int(month[2]), now)
    cycle = CYCLE.fullmatch(key)
    if cycle is None:
        raise InvalidRequest.of("period", "Name a month, such as 2026-10, or a cycle: cycle-3.")
    number = int(cycle[1])
    with read_connection() as connection:
        found = latest_periods(connection, account.id, 2, before=number + 2)
    chosen = [each for each in _cycles(found, now) if each.key == f"cycle-{number}"]
    if not chosen:
        raise NotFound("There is no such cycle.")
    return chosen[0]


def _month(year: int, month: int, now: datetime) -> Choice:
    since = datetime(year, month, 1, tzinfo=UTC)
    until = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return Choice(f"{year}-{month:02}", since, until, until <= now)


def _cycles(periods: list[PeriodRecord], now: datetime) -> list[Choice]:
    """Cycles from records, the latest first; one that was cut short ends where the next begins."""
    found, following = [], None
    for record in periods:
        until = record.ends_at if following is None else min(record.ends_at, following)
        found.append(Choice(f"cycle-{record.number}", record.starts_at, until, until <= now))
        following = record.starts_at
    return found


def _enters(line: Transaction) -> bool:
    return line.kind not in (TransactionKind.REFUND, TransactionKind.EXPIRY)


def _entered(line: Transaction) -> Entered:
    return Entered(line.at, line.kind.value, line.credits, line.reason)


def _sum(lines: list[Transaction], kind: TransactionKind) -> int:
    return sum(line.credits for line in lines if line.kind is kind)


def _parts(
    connection: object, by: UsageBy, used: Mapping[int | str, tuple[int, int]]
) -> list[Part]:
    """Those who used most, and all others together."""
    ranked = sorted(used.items(), key=lambda item: (-item[1][0], str(item[0])))
    names = names_of(connection, by, [key for key, _ in ranked[:MOST_ROWS]])
    parts = [Part(*names[key], *sums) for key, sums in ranked[:MOST_ROWS]]
    others = ranked[MOST_ROWS:]
    if others:
        sums = [sum(each) for each in zip(*(sums for _, sums in others), strict=True)]
        parts.append(Part("", f"{len(others):,} others", "", sums[0], sums[1]))
    return parts
