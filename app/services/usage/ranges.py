"""VERB that reads: the ranges of days that reports are asked for, and what each compares with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.domain.period import Renews
from app.services.credits.read import HasPool
from app.services.credits.settle import settle_if_due
from app.services.directory import directory
from app.store.database import read_connection
from app.store.periods import PeriodRecord, latest_periods

A_DAY = timedelta(days=1)
USUAL_DAYS = 30
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """From one day (UTC) through another."""

    since: date
    until: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True, slots=True)
class Ranges:
    """The days of this cycle so far and of the last one; None where a plan renews each day.

    `before` are the first days of the last cycle, as many as this one has had.
    """

    usual: Days
    cycle: Days | None = None
    before: Days | None = None
    last_cycle: Days | None = None

    @property
    def default(self) -> Days:
        """What is shown unless other days were asked for."""
        return self.cycle or self.usual

    def compared_with(self, days: Days) -> Days | None:
        """What a range is compared with: the same days of the cycle before, else those before."""
        if days == self.cycle:
            return self.before
        since = days.since - days.length * A_DAY
        return Days(since, days.since - A_DAY) if since >= FIRST_DAY else None


def ranges_of(account: HasPool, now: datetime) -> Ranges:
    """Find an account's present and last cycle as days."""
    settle_if_due([account.id], now)
    with read_connection() as connection:
        periods = latest_periods(connection, account.id, 2)
    today = now.astimezone(UTC).date()
    usual = Days(today - (USUAL_DAYS - 1) * A_DAY, today)
    plans = directory().catalogue(now).plans
    if not periods or periods[0].plan not in plans:
        return Ranges(usual)
    if plans[periods[0].plan].renews is Renews.DAILY:
        return Ranges(usual)
    begins = _first_day(periods[0])
    if not begins <= today <= periods[0].ends_at.date():
        return Ranges(usual)
    cycle = Days(begins, today)
    if len(periods) == 1 or _first_day(periods[1]) >= begins:
        return Ranges(usual, cycle)
    first = _first_day(periods[1])
    last = Days(first, begins - A_DAY)
    return Ranges(usual, cycle, Days(first, min(first + (today - begins), last.until)), last)


def _first_day(period: PeriodRecord) -> date:
    return period.starts_at.astimezone(UTC).date()
