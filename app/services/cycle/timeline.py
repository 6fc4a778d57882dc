"""VERBS that read: an account's past periods, and what time will do to its pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.grant import Source
from app.domain.refusals import NotFound
from app.domain.timeline import Coming, Sums, add_up, look_ahead
from app.services.credits.read import HasPool
from app.services.credits.settle import settle_if_due
from app.services.directory import directory
from app.store.database import read_connection
from app.store.history import active_holds, read_pool
from app.store.periods import PeriodRecord, latest_periods, lines_of_time_and_grants

AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class PeriodView:
    """One period: what it was given, what was done with it and what it lost.

    `used` has refunds taken off; `trimmed` was over the cap when the period opened; `expired`
    ended in its course or with it. `ended_at` is None while it is open.
    """

    number: int
    plan: str
    plan_name: str
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    granted: int
    carried: int
    trimmed: int
    bought: int
    adjusted: int
    used: int
    expired: int


@dataclass(frozen=True, slots=True)
class ComingView:
    """What time will do at one instant, if nobody spends or buys until then."""

    at: datetime
    expired: dict[Source, int]
    trimmed: int
    released: int
    granted: int
    carried: int
    plan_name: str | None
    suspends: bool
    available: int


def past_periods(
    account: HasPool, limit: int, now: datetime, before: int | None = None
) -> list[PeriodView]:
    """Show periods of an account, the latest first, from before period number `before`."""
    settle_if_due([account.id], now)
    with read_connection(snapshot=True) as connection:
        records = latest_periods(connection, account.id, limit, before)
        pool = read_pool(connection, account.id)
        if pool is None or pool.cycle is None or not records:
            return []
        lines = lines_of_time_and_grants(connection, account.id, records[-1].starts_at)
    sums, newest = add_up(lines, pool.balance), pool.cycle.number
    plans = directory().catalogue(now).plans
    views: list[PeriodView] = []
    following = _next_start(account, before) if before is not None else None
    for record in records:
        name = plans[record.plan].name if record.plan in plans else record.plan
        summed = sums[record.number - newest - 1]  # counted from the newest, which is the last
        views.append(_period_view(record, summed, name, following, now))
        following = record.starts_at
    return views


def coming(account: HasPool, now: datetime, ahead: timedelta = AHEAD) -> list[ComingView]:
    """Tell what time will do to an account's pool, computed by the rules themselves."""
    settle_if_due([account.id], now)
    with read_connection(snapshot=True) as connection:
        pool = read_pool(connection, account.id)
        if pool is None:
            raise NotFound
        pool.holds = {hold.number: hold for hold in active_holds(connection, account.id)}
    pool.due_later = None
    plans = directory().catalogue(now).plans
    return [
        _coming_view(step, plans[step.opened.plan].name if step.opened else None)
        for step in look_ahead(pool, now, now + ahead, plans)
    ]


def _next_start(account: HasPool, before: int) -> datetime | None:
    with read_connection() as connection:
        found = latest_periods(connection, account.id, 1, before + 1)
    return found[0].starts_at if found else None


def _period_view(
    record: PeriodRecord, sums: Sums, name: str, following: datetime | None, now: datetime
) -> PeriodView:
    ends_at = record.ends_at if following is None else min(record.ends_at, following)
    return PeriodView(
        number=record.number,
        plan=record.plan,
        plan_name=name,
        starts_at=record.starts_at,
        ends_at=ends_at,
        is_open=following is None and now < ends_at,
        granted=record.granted,
        carried=record.carried,
        trimmed=record.trimmed,
        bought=sums.bought,
        adjusted=sums.adjusted,
        used=sums.used,
        expired=sums.expired,
    )


def _coming_view(step: Coming, plan_name: str | None) -> ComingView:
    return ComingView(
        at=step.at,
        expired=step.expired,
        trimmed=step.trimmed,
        released=step.released,
        granted=step.opened.granted if step.opened else 0,
        carried=step.opened.carried if step.opened else 0,
        plan_name=plan_name,
        suspends=step.suspends,
        available=step.available,
    )
