"""VERBS that read: when a pool runs out, and how it was used up over its cycle until now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.domain.forecast import KEPT_DAYS, Forecast, Parcel, forecast
from app.services.credits.answers import PoolView
from app.services.credits.read import HasPool, pool
from app.store.database import read_connection
from app.store.history import read_pool
from app.store.periods import lines_of_time_and_grants
from app.store.usage_reading import daily

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    """What the pool held at an instant."""

    at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class BurnDown:
    """A cycle from its beginning until now, day by day. `begun_with` is what it opened with."""

    start: datetime
    end: datetime
    begun_with: int
    points: list[Point]


def forecast_of(account: HasPool, now: datetime, view: PoolView | None = None) -> Forecast:
    """Tell when an account's pool runs out; `view` is the pool now, where it was read before."""
    view = view or pool(account, now)
    today = now.astimezone(UTC).date()
    with read_connection(snapshot=True) as connection:
        used = daily(connection, account.id, today - KEPT_DAYS * A_DAY, today)
    parcels = [
        Parcel(grant.remaining, grant.expires_at)
        for grant in view.grants
        if grant.effective_at <= now and (grant.expires_at is None or now < grant.expires_at)
    ]
    renews_at = view.period.end if view.period and view.renews else None
    credits = {day: credits for day, (credits, _) in used.items()}
    return forecast(credits, parcels, now, renews_at if _is_ahead(renews_at, now) else None)


def _is_ahead(at: datetime | None, now: datetime) -> bool:
    return at is not None and now < at


def burn_down(account: HasPool, view: PoolView, now: datetime) -> BurnDown | None:
    """Show what an account's pool held at each midnight of its cycle; None without a cycle."""
    if view.period is None or not view.period.start <= now < view.period.end:
        return None
    start, first = view.period.start, view.period.start.astimezone(UTC).date()
    with read_connection(snapshot=True) as connection:
        found = read_pool(connection, account.id)
        lines = lines_of_time_and_grants(connection, account.id, start)
        used = daily(connection, account.id, first, None)
    if found is None:
        return None
    opening = [line.balance_after for line in lines if line.at == start]
    other: dict[date, int] = {}
    for line in lines:
        other[line.at.date()] = other.get(line.at.date(), 0) + line.credits
    credits = {day: credits for day, (credits, _) in used.items()}
    points = [Point(now, found.balance), *_backwards(first, now, found.balance, credits, other)]
    begun_with = opening[-1] if opening else points[-1].left
    return BurnDown(start, view.period.end, begun_with, [Point(start, begun_with), *points[::-1]])


def _backwards(
    first: date, now: datetime, balance: int, used: Mapping[date, int], other: Mapping[date, int]
) -> list[Point]:
    """The balance at each midnight since the first day's, the last one first."""
    points, day = [], now.astimezone(UTC).date()
    while day > first:
        balance += used.get(day, 0) - other.get(day, 0)
        points.append(Point(datetime.combine(day, time(), UTC), balance))
        day -= A_DAY
    return points
