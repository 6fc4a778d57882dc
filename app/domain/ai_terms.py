"""What one key, or one site, may do at the AI proxy: a budget, calls a minute, calls at once.

A budget is a guard-rail on the account's pool, not an allocation: within it the pool still has to
have the credits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.period import Period
from app.domain.refusals import InvalidRequest

LARGEST_BUDGET = 10**12
MOST_CALLS = 1_000_000
EVER = datetime(1, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)


class BudgetPer(StrEnum):
    """In which span of time a budget counts: a UTC day, the pool's cycle, or from the first on."""

    DAY = "day"
    CYCLE = "cycle"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is set; None sets nothing. `budget` is in credits."""

    budget: int | None = None
    per: BudgetPer = BudgetPer.CYCLE
    calls_per_minute: int | None = None
    calls_at_once: int | None = None

    @property
    def are_set(self) -> bool:
        """Tell whether anything is limited at all."""
        return (self.budget, self.calls_per_minute, self.calls_at_once) != (None, None, None)

    def require_sound(self) -> None:
        """Raise `InvalidRequest` where a number is out of range."""
        for name, most in (
            ("budget", LARGEST_BUDGET),
            ("calls_per_minute", MOST_CALLS),
            ("calls_at_once", MOST_CALLS),
        ):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= most:
                raise InvalidRequest.of(name, f"Use 1 to {most:,}, or leave it empty.")


NO_TERMS = Terms()


class Share(NamedTuple):
    """Terms for somebody who is no key: a site, or one of its visitors."""

    subject: str
    terms: Terms


def window_of(per: BudgetPer, now: datetime, cycle: Period | None) -> Period:
    """The span in which a budget counts at `now`. A pool without a cycle counts from the first."""
    if per is BudgetPer.DAY:
        midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
        return Period(midnight, midnight + A_DAY)
    if per is BudgetPer.CYCLE and cycle is not None:
        return cycle
    return Period(EVER, datetime.max.replace(tzinfo=UTC))
