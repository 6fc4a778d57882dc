"""The timeline of a pool: what each period gave, used and lost, and what time will do next.

The past is added up from the lines that time and grants wrote; what people used is what is
missing between two balances. The future is the same settlement, run forward on a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.catalogue import Plan
from app.domain.grant import Source
from app.domain.pool import OpenedPeriod, Pool
from app.domain.settlement import OVER_THE_CAP, next_due, settle
from app.domain.transaction import Transaction, TransactionKind


@dataclass(slots=True)
class Sums:
    """What happened to a pool's credits between two openings.

    `used` has refunds taken off. `trimmed_after` is what the next period's cap did not let in.
    """

    used: int = 0
    bought: int = 0
    adjusted: int = 0
    expired: int = 0
    trimmed_after: int = 0


def add_up(lines: Sequence[Transaction], balance_now: int) -> list[Sums]:
    """Add up each period that an allocation among these lines opens, the oldest first.

    `lines` are all that are neither deductions nor refunds, from an allocation on.
    """
    found: list[Sums] = []
    begun_with = 0
    for line in lines:
        if line.kind is TransactionKind.ALLOCATION:
            if found:
                _close(found[-1], begun_with, line.balance_after - line.credits)
            found.append(Sums())
            begun_with = line.balance_after
        elif found:
            _count(found[-1], line)
    if found:
        _close(found[-1], begun_with, balance_now)
    return found


def _close(sums: Sums, begun_with: int, ended_with: int) -> None:
    came = begun_with + sums.bought + sums.adjusted
    sums.used = came - sums.expired - sums.trimmed_after - ended_with


def _count(sums: Sums, line: Transaction) -> None:
    if line.kind is TransactionKind.TOP_UP:
        sums.bought += line.credits
    elif line.kind is TransactionKind.ADJUSTMENT:
        sums.adjusted += line.credits
    elif _is_trimmed(line):
        sums.trimmed_after -= line.credits
    else:
        sums.expired -= line.credits


def _is_trimmed(line: Transaction) -> bool:
    return line.kind is TransactionKind.EXPIRY and line.reason == OVER_THE_CAP


@dataclass(slots=True)
class Coming:
    """What time will do at one instant, if nobody spends or buys until then.

    `released` are credits of holds that time out. `available` is what can be spent after it.
    """

    at: datetime
    expired: dict[Source, int] = field(default_factory=dict)
    trimmed: int = 0
    released: int = 0
    opened: OpenedPeriod | None = None
    suspends: bool = False
    available: int = 0

    @property
    def lost(self) -> int:
        """All credits that end at that instant."""
        return sum(self.expired.values()) + self.trimmed


def look_ahead(
    pool: Pool, now: datetime, until: datetime, plans: Mapping[str, Plan]
) -> list[Coming]:
    """Run a pool's own rules forward from now until an instant, on a copy: it is changed."""
    settle(pool, now, plans)
    coming: list[Coming] = []
    while (at := _next(pool, until)) is not None:
        coming.append(_step(pool, at, plans))
        if pool.suspends_at == at:
            coming[-1].suspends, pool.suspends_at = True, None
    return coming


def _next(pool: Pool, until: datetime) -> datetime | None:
    times = [at for at in (next_due(pool), pool.suspends_at) if at is not None]
    at = min((at for at in times if at > pool.at), default=None)
    return at if at is not None and at <= until else None


def _step(pool: Pool, at: datetime, plans: Mapping[str, Plan]) -> Coming:
    lines, opened, held = len(pool.lines), len(pool.opened), pool.held
    settle(pool, at, plans)
    step = Coming(at, opened=pool.opened[-1] if len(pool.opened) > opened else None)
    _sort_expiry(step, pool, pool.lines[lines:])
    step.released = held - pool.held
    step.available = pool.available(at)
    return step


def _sort_expiry(step: Coming, pool: Pool, lines: Iterable[Transaction]) -> None:
    for line in lines:
        if _is_trimmed(line):
            step.trimmed -= line.credits
        elif line.kind is TransactionKind.EXPIRY:
            for number, credits in line.draws:
                source = pool.grant(number).source
                step.expired[source] = step.expired.get(source, 0) + credits
