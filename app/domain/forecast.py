"""Forecast: the day on which a pool runs out, with its uncertainty, from what was used each day.

Method. The level is the mean of the last 56 whole days, the recent ones weighing more (half as
much every 14 days), with the pattern of the week where there are two weeks of history. Days differ
from it with a variance in proportion to the level (as counts do), widened where high days follow
high days, by the error of the level itself, and by 8 % for a level that moves. What will be used
until an instant is then a sum with a mean and a variance: its tenth, middle and ninetieth
percentile are three paths. Along each path grants are drawn in the order of use, and expire when
they do; the day on which nothing is left is that path's answer. So the day comes true between
`earliest` and `latest` in about four of five cases; tests measure that.

Floats are statistics here: no credit is moved by any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from app.domain.grant import NEVER

A_DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
KEPT_DAYS, HALF_LIFE, LEAST_DAYS, LEAST_USED_DAYS = 56, 14, 7, 3
A_WEEK, TWO_WEEKS = 7, 14
STRONGEST_MEMORY = 0.5
DRIFT = 0.08
NOTHING = 0.5  # less than half a credit is none
TENTH = 1.2816  # of the normal distribution: 80 % lie within so many deviations


class Outlook(StrEnum):
    """What a forecast says."""

    EMPTY = "empty"
    TOO_LITTLE = "too_little"
    UNUSED = "unused"
    RUNS_OUT = "runs_out"
    MAY_RUN_OUT = "may_run_out"
    LASTS = "lasts"


class Parcel(NamedTuple):
    """Credits that can be spent until an instant; None is for ever."""

    credits: int
    expires_at: datetime | None


class Left(NamedTuple):
    """What will be left of the pool at an instant: at least, most likely, at most."""

    at: datetime
    least: int
    likely: int
    most: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a pool runs out. `until` is how far it looks: to the renewal, if there is one.

    RUNS_OUT has `earliest` and `likely`; without `latest` it may just last. MAY_RUN_OUT has only
    `earliest`. `daily` is the mean of what a day uses; `left` are the paths, at each midnight.
    """

    outlook: Outlook
    until: datetime
    renews: bool
    days: int = 0
    daily: float = 0.0
    earliest: date | None = None
    likely: date | None = None
    latest: date | None = None
    left: tuple[Left, ...] = ()


def forecast(
    used: Mapping[date, int],
    parcels: Sequence[Parcel],
    now: datetime,
    renews_at: datetime | None = None,
) -> Forecast:
    """Tell when these credits run out. `used` are the credits of each day (UTC), refunds taken off.

    Days that are not in it used nothing, but history begins with the first day that is. Today
    may be in it and is not counted: it is not over. `renews_at` None means that nothing renews.
    """
    until, renews = renews_at or now + LONGEST, renews_at is not None
    if not any(parcel.credits for parcel in parcels):
        return Forecast(Outlook.EMPTY, until, renews)
    history = _history(used, now.astimezone(UTC).date())
    if len(history) < LEAST_DAYS:
        return Forecast(Outlook.TOO_LITTLE, until, renews, len(history))
    if sum(history.values()) <= 0:
        return Forecast(Outlook.UNUSED, until, renews, len(history))
    if sum(credits > 0 for credits in history.values()) < LEAST_USED_DAYS:
        return Forecast(Outlook.TOO_LITTLE, until, renews, len(history))
    pace = Pace.of(history)
    most, likely, least = (_spend(parcels, pace.path(now, until, parcels, z)) for z in _TENTHS)
    return Forecast(
        _outlook(least.out, most.out),
        until,
        renews,
        len(history),
        pace.level,
        earliest=most.out,
        likely=likely.out,
        latest=least.out,
        left=tuple(map(Left, likely.at, most.left, likely.left, least.left)),
    )


_TENTHS = (TENTH, 0.0, -TENTH)


def _outlook(latest: date | None, earliest: date | None) -> Outlook:
    if earliest is None:
        return Outlook.LASTS
    return Outlook.MAY_RUN_OUT if latest is None else Outlook.RUNS_OUT


def _history(used: Mapping[date, int], today: date) -> dict[date, int]:
    """Every whole day before today that counts, the oldest first."""
    past = [day for day in used if day < today]
    if not past:
        return {}
    first = max(min(past), today - KEPT_DAYS * A_DAY)
    days = [first + number * A_DAY for number in range((today - first).days)]
    return {day: used.get(day, 0) for day in days}


class Step(NamedTuple):
    """A part of one day: when it begins and ends, and what is used by its end since now."""

    begins: datetime
    ends: datetime
    used: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is used: the level, each weekday's mean, and how far days stray from it.

    `spread` is the variance of a day divided by its mean; `weight` how many days stand behind it.
    """

    level: float
    weekdays: tuple[float, ...]
    spread: float
    weight: float

    @classmethod
    def of(cls, history: Mapping[date, int]) -> Pace:
        """Measure the pace of a history without gaps, the oldest day first."""
        days, used = list(history), list(history.values())
        weights = [0.5 ** ((len(days) - 1 - place) / HALF_LIFE) for place in range(len(days))]
        total = sum(weights)
        weight = total**2 / sum(each**2 for each in weights)
        level = max(_mean(used, weights), 1e-9)
        weekdays = _weekdays(days, used, weights, level)
        strays = [
            (credits - weekdays[day.weekday()]) / sqrt(weekdays[day.weekday()])
            for day, credits in history.items()
        ]
        fitted = A_WEEK if len(days) >= TWO_WEEKS else 1
        spread = _mean([stray**2 for stray in strays], weights) * weight / max(weight - fitted, 1)
        return cls(level, weekdays, spread * _memory(strays), weight)

    def path(
        self, now: datetime, until: datetime, parcels: Sequence[Parcel], deviations: float
    ) -> Iterator[Step]:
        """What will be used, step by step, so many standard deviations above the mean."""
        z = deviations * (1 + (TENTH**2 + 1) / (4 * max(self.weight - 1, 1)))  # Student's t
        mean = before = 0.0
        for begins, ends in pairwise(_cuts(now, until, parcels)):
            mean += self.weekdays[begins.weekday()] * ((ends - begins) / A_DAY)
            variance = self.spread * (mean + mean**2 / (self.weight * self.level))
            before = max(before, mean + z * sqrt(variance + (DRIFT * mean) ** 2))
            yield Step(begins, ends, before)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


def _weekdays(
    days: Sequence[date], used: Sequence[int], weights: Sequence[float], level: float
) -> tuple[float, ...]:
    """The mean of each weekday, drawn towards the level by the weight of one day."""
    if len(days) < TWO_WEEKS:
        return (level,) * A_WEEK
    sums, counts = [level] * A_WEEK, [1.0] * A_WEEK
    for day, credits, weight in zip(days, used, weights, strict=True):
        sums[day.weekday()] += credits * weight
        counts[day.weekday()] += weight
    return tuple(max(s / c, level / 100) for s, c in zip(sums, counts, strict=True))


def _memory(strays: Sequence[float]) -> float:
    """By how much sums of days vary more because a high day follows a high one."""
    squares = sum(stray**2 for stray in strays)
    if not squares:
        return 1.0
    found = sum(a * b for a, b in pairwise(strays)) / squares
    share = min(max(found, 0.0), STRONGEST_MEMORY)
    return (1 + share) / (1 - share)


def _cuts(now: datetime, until: datetime, parcels: Sequence[Parcel]) -> list[datetime]:
    """The instants at which steps end: midnights, and whenever credits expire."""
    now, until = now.astimezone(UTC), until.astimezone(UTC)
    midnight = datetime.combine(now.date(), time(), UTC)
    midnights = (midnight + number * A_DAY for number in range(1, (until - midnight).days + 1))
    ends = (parcel.expires_at for parcel in parcels if parcel.expires_at)
    return sorted({now, until, *(at for at in (*midnights, *ends) if now < at < until)})


class Spent(NamedTuple):
    """How one path went: the day on which nothing was left, and what was left when."""

    out: date | None
    at: list[datetime]
    left: list[int]


@dataclass(slots=True)
class _Stock:
    """What is left of a parcel on one path."""

    expires_at: datetime
    credits: float

    def give(self, wanted: float) -> float:
        taken = min(self.credits, wanted)
        self.credits -= taken
        return taken


def _spend(parcels: Sequence[Parcel], path: Iterator[Step]) -> Spent:
    """Draw the credits along a path: what expires first is used first."""
    stocks = [_Stock(each.expires_at or NEVER, float(each.credits)) for each in parcels]
    stocks.sort(key=lambda stock: stock.expires_at)
    spent, before = Spent(None, [], []), 0.0
    for begins, ends, used in path:
        rest, before = used - before, used
        for stock in stocks:
            rest -= stock.give(rest)
        stocks = [stock for stock in stocks if stock.expires_at > ends]
        remaining = sum(stock.credits for stock in stocks)
        spent.at.append(ends)
        spent.left.append(round(remaining))
        if spent.out is None and remaining < NOTHING:
            spent = spent._replace(out=begins.date())
    return spent
