"""Settlement: what time alone does to a pool: expiry, holds that time out, the next period.

Every change of a pool settles it first, up to its own instant, so that each line is dated at the
boundary where it happened, the lines are in order of time, and no job has to come in time.
Source: PRODUCT, The pool, 3 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.catalogue import Plan
from app.domain.grant import Source
from app.domain.happening import PeriodClosed, Shortage
from app.domain.hold import Hold, HoldState
from app.domain.period import Period
from app.domain.pool import Cycle, OpenedPeriod, Pool
from app.domain.shortage import notice_shortage
from app.domain.transaction import TransactionKind

EXPIRY, TIME_OUT, PERIOD_END = range(3)
OVER_THE_CAP = "over the rollover cap"
MANY = 8  # grants, from which on it pays to put away those that are gone


def settle(pool: Pool, now: datetime, plans: Mapping[str, Plan]) -> None:
    """Do what is due until `now`, one by one in order of time.

    At one instant grants expire first, then holds time out, then the next period opens; whether
    the pool runs short is asked when the instant is over.
    """
    last: datetime | None = None
    while True:
        due = _next_event(pool)
        if last is not None and (due is None or due[0] != last):
            notice_shortage(pool, plans, last)
        if due is None or due[0] > now:
            break
        at, what, number = due
        last = at
        if what == EXPIRY:
            pool.expire(pool.grant(number), pool.grant(number).remaining, at)
        elif what == TIME_OUT:
            _time_out(pool, pool.holds[number], at)
        elif pool.cycle is not None:
            _end_period(pool, pool.cycle, plans)
            pool.at = max(pool.at, at)
    pool.at = max(pool.at, now)


def next_due(pool: Pool) -> datetime | None:
    """When time will next change the pool, at the earliest."""
    due = _next_event(pool)
    if due is None or (pool.due_later is not None and pool.due_later < due[0]):
        return pool.due_later
    return due[0]


def start_plan(pool: Pool, plan: Plan, anchor: datetime, now: datetime) -> None:
    """Begin a plan: its first allocation enters at once and its periods count from `anchor`.

    An anchor in the past opens the period that is running now. One that runs already ends here.
    """
    index, before = 0, pool.cycle
    while plan.period(anchor, index).end <= now:
        index += 1
    number = before.number + 1 if before else 1
    pool.cycle = Cycle(plan.key, anchor, index, number, plan.period(anchor, index))
    _allocate(pool, pool.cycle, plan, now)
    if before is not None and before.period.end > now:
        _close(pool, before.plan, Period(before.period.start, now), plan.credits)


Event = tuple[datetime, int, int]


def _next_event(pool: Pool) -> Event | None:
    """What time does next to the pool: when, what, and to which grant or hold."""
    events: list[Event] = []
    for grant in pool.grants:  # in order of use: the first that has something expires first
        if grant.remaining:
            if grant.expires_at is not None:
                events.append((grant.expires_at, EXPIRY, grant.number))
            break
    events += [
        (hold.expires_at, TIME_OUT, hold.number)
        for hold in pool.holds.values()
        if hold.state is HoldState.ACTIVE
    ]
    cycle = pool.cycle
    if cycle is not None and (cycle.renews or pool.at < cycle.period.end):
        events.append((cycle.period.end, PERIOD_END, 0))
    return min(events) if events else None


def _time_out(pool: Pool, hold: Hold, at: datetime) -> None:
    pool.free_held(hold.draws, at)
    hold.end(HoldState.EXPIRED, at)
    pool.happened.append(hold)


def _end_period(pool: Pool, cycle: Cycle, plans: Mapping[str, Plan]) -> None:
    """End a period; the next one opens, unless nothing renews."""
    ended, period, allocated = cycle.plan, cycle.period, 0
    if cycle.renews:
        allocated = _open_next(pool, cycle, plans)
    _close(pool, ended, period, allocated)


def _close(pool: Pool, plan: str, period: Period, allocated: int) -> None:
    at, expired = period.end, 0
    for line in reversed(pool.lines):
        if line.at != at:
            break
        expired -= line.credits * (line.kind is TransactionKind.EXPIRY)
    pool.happened.append(PeriodClosed(at, plan, period, allocated, expired))


def _open_next(pool: Pool, cycle: Cycle, plans: Mapping[str, Plan]) -> int:
    """Open the period that follows; returns the credits that it brings."""
    at = cycle.period.end
    if len(pool.grants) > MANY:
        pool.put_away_what_is_gone(at)
    plan = plans[cycle.next_plan or cycle.plan]
    if cycle.next_plan is not None:
        cycle.plan, cycle.next_plan, pool.suspends_at = plan.key, None, None
    cycle.index += 1
    cycle.number += 1
    if plan.period(cycle.anchor, cycle.index).start != at:
        # The plan, or what the operator made of it, has another calendar: it counts from here.
        cycle.anchor, cycle.index = at, 0
    # The first day of a daily plan begins when the plan before it ends, not at midnight.
    cycle.period = Period(at, plan.period(cycle.anchor, cycle.index).end)
    _allocate(pool, cycle, plan, at)
    return plan.credits


def _allocate(pool: Pool, cycle: Cycle, plan: Plan, at: datetime) -> None:
    carried = _carried(pool, at)
    trimmed = _trim(pool, plan, carried, at)
    pool.shortage = Shortage.ENOUGH
    expires_at = plan.allocation_expires_at(cycle.anchor, cycle.index)
    pool.add_grant(Source.ALLOCATION, plan.credits, at, expires_at)
    pool.opened.append(
        OpenedPeriod(cycle.number, plan.key, cycle.period, plan.credits, carried - trimmed, trimmed)
    )


def _carried(pool: Pool, at: datetime) -> int:
    """What earlier allocations bring along; what is held counts, since it may come back."""
    return sum(
        grant.remaining + grant.held
        for grant in pool.grants
        if grant.source is Source.ALLOCATION and grant.counts_at(at)
    )


def _trim(pool: Pool, plan: Plan, carried: int, at: datetime) -> int:
    """Expire what would exceed the rollover cap; the oldest goes first, held credits stay."""
    if plan.rollover_cap is None:
        return 0
    excess = left = max(0, carried + plan.credits - plan.rollover_cap)
    for grant in list(pool.grants):
        if grant.source is Source.ALLOCATION and grant.counts_at(at) and left:
            trimmed = min(left, grant.remaining)
            pool.expire(grant, trimmed, at, reason=OVER_THE_CAP)
            left -= trimmed
    return excess - left
