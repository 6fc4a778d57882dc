"""Periods: the calendar of a cycle, computed from the original anchor and nothing else.

Source: PRODUCT, "Plans, prices and packs": daily at midnight UTC, or monthly on the anniversary.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

MOST_KEPT = 4_096


class Renews(StrEnum):
    """How often a plan's pool renews."""

    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Period:
    """One cycle: from `start` until just before `end`, both in UTC."""

    start: datetime
    end: datetime


@lru_cache(MOST_KEPT)
def period(renews: Renews, anchor: datetime, index: int) -> Period:
    """Compute period `index` (0 is the one that the anchor opens).

    What many pools ask for at the same instant is remembered for a while.
    """
    return Period(boundary(renews, anchor, index), boundary(renews, anchor, index + 1))


def boundary(renews: Renews, anchor: datetime, index: int) -> datetime:
    """Compute the instant at which period `index` begins."""
    anchor = anchor.astimezone(UTC)
    if renews is Renews.DAILY:
        midnight = anchor.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=index)
    return _months_later(anchor, index)


def _months_later(anchor: datetime, months: int) -> datetime:
    """The same day and time so many months later; a day that the month lacks is its last day."""
    years, month0 = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + years, month0 + 1
    day = min(anchor.day, monthrange(year, month)[1])
    return anchor.replace(year=year, month=month, day=day)
