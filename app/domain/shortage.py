"""Shortages: when a pool runs short, said once per period for each degree (PRODUCT, Warnings)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.catalogue import Plan
from app.domain.happening import FellShort, Shortage
from app.domain.pool import Pool, is_low

SCARCE_UNDER_ONE_IN = 5


def shortage_of(available: int, allocation: int) -> Shortage:
    """Tell how short a pool is that has so much of its plan's allocation."""
    if available <= 0:
        return Shortage.EXHAUSTED
    if is_low(available, allocation):
        return Shortage.LOW
    scarce = available * SCARCE_UNDER_ONE_IN < allocation
    return Shortage.SCARCE if scarce else Shortage.ENOUGH


def notice_shortage(pool: Pool, plans: Mapping[str, Plan], at: datetime) -> None:
    """Note each degree of shortage that a settled pool reached for the first time in its period.

    A new period begins without any. Credits that enter meanwhile don't arm it anew.
    """
    available = pool.balance - pool.held  # on a settled pool all that is left can be spent
    plan = plans.get(pool.cycle.plan) if pool.cycle else None
    allocation = plan.credits if plan else 0
    if 0 < available >= allocation:
        return
    reached = shortage_of(available, allocation)
    for degree in range(pool.shortage + 1, reached + 1):
        pool.happened.append(FellShort(at, Shortage(degree), available))
    pool.shortage = max(pool.shortage, reached)
