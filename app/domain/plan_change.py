"""Plan changes: commands that begin, change, end and restore what renews a pool.

An upgrade begins at once and its periods count from that moment. Everything smaller waits for the
period's end. Once a subscription is past due no further period opens; paying opens it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.catalogue import Plan
from app.domain.pool import Cycle, Pool
from app.domain.refusals import Conflict
from app.domain.settlement import start_plan

GRACE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StartPlan:
    """Begin a plan now, as an upgrade does: its allocation enters and its periods count from now.

    What earlier allocations left is carried over, up to the new plan's cap, and keeps its expiry.
    """

    plan: Plan

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Open the plan's first period; a suspension is over."""
        start_plan(pool, self.plan, now, now)
        pool.suspends_at = None
        return _copy(_cycle(pool))


@dataclass(frozen=True, slots=True)
class ChangeAtPeriodEnd:
    """Let another plan take over at the period's end; naming the present one keeps it."""

    plan: str

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Note the plan; what was cancelled goes on."""
        cycle = _running(pool, now)
        cycle.next_plan = None if self.plan == cycle.plan else self.plan
        cycle.renews, pool.suspends_at = True, None
        return _copy(cycle)


@dataclass(frozen=True, slots=True)
class CancelPlan:
    """Let the plan end with its period: another takes over for nothing, or none does."""

    falls_back_on: str | None = None

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Note the end. Without another plan the pool can be spent for the days of grace."""
        cycle = _running(pool, now)
        cycle.next_plan, cycle.renews = self.falls_back_on, self.falls_back_on is not None
        pool.suspends_at = None if cycle.renews else cycle.period.end + GRACE
        return _copy(cycle)


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """Take a cancellation or a change at the period's end back."""

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Let the plan renew as before."""
        cycle = _running(pool, now)
        cycle.next_plan, cycle.renews, pool.suspends_at = None, True, None
        return _copy(cycle)


@dataclass(frozen=True, slots=True)
class FallDue:
    """A payment is missing: no further period of the plan opens, and the days of grace begin.

    A plan to fall back on takes over at the period's end, and ends the suspension.
    """

    falls_back_on: str | None = None

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Stop renewing. Being told again does not prolong the grace."""
        cycle, until = _cycle(pool), now + GRACE
        cycle.next_plan, cycle.renews = self.falls_back_on, self.falls_back_on is not None
        pool.suspends_at = min(pool.suspends_at or until, until)
        return _copy(cycle)


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """The missing payment came. A period that still runs goes on; else a new one opens now."""

    plan: Plan

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Let the pool be spent and renew again."""
        cycle = _cycle(pool)
        if cycle.plan != self.plan.key or cycle.period.end <= now:
            return StartPlan(self.plan).apply(pool, now)
        return ResumePlan().apply(pool, now)


def _cycle(pool: Pool) -> Cycle:
    if pool.cycle is None:
        raise Conflict("This account has no plan.")
    return pool.cycle


def _running(pool: Pool, now: datetime) -> Cycle:
    cycle = _cycle(pool)
    if cycle.period.end <= now:
        raise Conflict("The subscription has ended. Paying restores it.")
    return cycle


def _copy(cycle: Cycle) -> Cycle:
    """What a neighbour in the batch makes of the cycle later is not this caller's answer."""
    return replace(cycle)
