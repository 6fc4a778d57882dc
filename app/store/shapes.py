"""How the ledger's values look as rows, and rows as values. Rows have the tables' column order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from app.domain.grant import Draw, Grant, Source
from app.domain.happening import Shortage
from app.domain.hold import Hold, HoldState
from app.domain.period import Period
from app.domain.pool import Cycle, OpenedPeriod, Pool
from app.domain.settlement import next_due
from app.domain.transaction import USED, Attribution, Transaction, TransactionKind

MICROSECOND = timedelta(microseconds=1)
SOURCES = {source.value: source for source in Source}
SHORTAGES = tuple(Shortage)

AnyRow = Row[*tuple[Any, ...]]


def pool_from(row: AnyRow) -> Pool:
    """Build a pool with its totals; grants and holds are loaded by those who need them."""
    number, seq, balance, held, grants, holds, at, due_at, plan, *facts = row
    anchor, index, period_number, start, end, next_plan, renews, suspends_at, events, short = facts
    cycle = None
    if plan is not None:
        period = Period(start, end)
        cycle = Cycle(plan, anchor, index, period_number, period, next_plan, renews)
    pool = Pool(number, seq, balance, held, grants, holds, at, cycle, suspends_at, due_at)
    pool.event_count, pool.shortage = events, SHORTAGES[short]
    return pool


def row_of_pool(pool: Pool) -> tuple[Any, ...]:
    """Flatten a pool."""
    cycle = pool.cycle
    return (
        pool.id,
        pool.seq,
        pool.balance,
        pool.held,
        pool.grant_count,
        pool.hold_count,
        pool.at,
        next_due(pool),
        cycle.plan if cycle else None,
        cycle.anchor if cycle else None,
        cycle.index if cycle else 0,
        cycle.number if cycle else 0,
        cycle.period.start if cycle else None,
        cycle.period.end if cycle else None,
        cycle.next_plan if cycle else None,
        cycle.renews if cycle else False,
        pool.suspends_at,
        pool.event_count,
        int(pool.shortage),
    )


def grant_from(row: AnyRow) -> Grant:
    """Build a grant."""
    _, number, source, granted, remaining, held, used, expired, effective_at, expires_at, _ = row
    return Grant(
        number,
        SOURCES[source],
        granted,
        remaining,
        held,
        used,
        expired,
        effective_at,
        expires_at,
        changed=False,
    )


def row_of_grant(pool: int, grant: Grant) -> tuple[Any, ...]:
    """Flatten a grant."""
    return (
        pool,
        grant.number,
        grant.source.value,
        grant.granted,
        grant.remaining,
        grant.held,
        grant.used,
        grant.expired,
        grant.effective_at,
        grant.expires_at,
        grant.is_open(),
    )


def _attribution_from(row: AnyRow) -> Attribution:
    return Attribution(row.member, row.app, row.action, row.quantity, row.details or {})


def hold_from(row: AnyRow) -> Hold:
    """Build a hold as it stands."""
    return Hold(
        number=row.number,
        state=HoldState(row.state),
        credits=row.credits,
        draws=[Draw(*draw) for draw in row.draws],
        attribution=_attribution_from(row),
        created_at=row.created_at,
        lasts=row.lasts_us * MICROSECOND,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        captured=row.captured,
        seq=row.seq,
    )


def hold_as_placed(row: AnyRow) -> Hold:
    """Build a hold as it was answered first, whatever became of it."""
    hold = hold_from(row)
    hold.state, hold.ended_at, hold.captured, hold.seq = HoldState.ACTIVE, None, 0, None
    hold.expires_at = hold.created_at + hold.lasts
    return hold


def row_of_hold(pool: int, hold: Hold) -> tuple[Any, ...]:
    """Flatten a hold."""
    who = hold.attribution
    return (
        pool,
        hold.number,
        hold.state.value,
        hold.credits,
        hold.captured,
        hold.draws,
        who.member,
        who.app,
        who.action,
        who.quantity,
        who.metadata or None,
        hold.created_at,
        hold.lasts // MICROSECOND,
        hold.expires_at,
        hold.ended_at,
        hold.seq,
    )


def transaction_from(row: AnyRow) -> Transaction:
    """Build a line of the history."""
    return Transaction(
        seq=row.seq,
        kind=TransactionKind(row.kind),
        credits=row.credits,
        balance_after=row.balance_after,
        at=row.at,
        draws=[Draw(*draw) for draw in row.draws],
        attribution=_attribution_from(row),
        hold=row.hold,
        reverses=row.reverses,
        reason=row.reason,
    )


def row_of_line(pool: int, line: Transaction) -> tuple[Any, ...]:
    """Flatten a line of the history."""
    who = line.attribution
    return (
        pool,
        line.seq,
        line.kind.value,
        line.credits,
        line.balance_after,
        line.at,
        line.draws,
        who.member,
        who.app,
        who.action,
        who.quantity,
        who.metadata or None,
        line.hold,
        line.reverses,
        line.reason,
    )


def row_of_period(pool: int, opened: OpenedPeriod) -> tuple[Any, ...]:
    """Flatten the record of an opened period."""
    return (
        pool,
        opened.number,
        opened.plan,
        opened.period.start,
        opened.period.end,
        opened.granted,
        opened.carried,
        opened.trimmed,
    )


def rows_of_usage(pools: Iterable[Pool]) -> list[tuple[int, date, int, int, str, int, int]]:
    """Add the new deductions and refunds up per pool, day, member, app and action."""
    sums: dict[tuple[int, date, int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for pool in pools:
        for line in pool.lines:
            if line.kind in USED:
                who = line.attribution
                key = (pool.id, line.at.date(), who.member or 0, who.app or 0, who.action or "")
                sums[key][0] -= line.credits
                sums[key][1] += line.kind is TransactionKind.DEDUCTION
    return [(*key, credits, count) for key, (credits, count) in sums.items()]
