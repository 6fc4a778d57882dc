"""VERB that reads: which plan an account is on, how it stands, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.refusals import NotFound
from app.services.credits.answers import Period
from app.services.credits.read import HasPool
from app.services.credits.settle import settle_if_due
from app.services.directory import directory
from app.store.database import read_connection
from app.store.history import read_pool
from app.store.subscriptions import Standing, read_standing


class PlanState(StrEnum):
    """How an account's plan stands."""

    RENEWS = "renews"
    CHANGES = "changes"
    ENDS = "ends"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class PlanView:
    """An account's plan: `suspends_at` is when nobody can spend any more, unless paid."""

    account: str
    plan: str
    name: str
    credits: int
    state: PlanState
    period: Period | None
    next_plan: str | None
    next_name: str | None
    suspends_at: datetime | None
    provider: str | None


def plan_of(account: HasPool, now: datetime) -> PlanView:
    """Show an account's plan."""
    settle_if_due([account.id], now)
    with read_connection() as connection:
        pool = read_pool(connection, account.id)
        standing = read_standing(connection, account.id)
    if pool is None:
        raise NotFound
    plans, cycle = directory().catalogue(now).plans, pool.cycle
    plan = plans.get(cycle.plan) if cycle else None
    following = plans.get(cycle.next_plan) if cycle and cycle.next_plan else None
    renews, next_plan = (cycle.renews, cycle.next_plan) if cycle else (False, None)
    return PlanView(
        account=account.slug,
        plan=cycle.plan if cycle else "",
        name=plan.name if plan else "No plan",
        credits=plan.credits if plan else 0,
        state=_state(pool.suspends_at, standing, next_plan, now, renews=renews),
        period=Period(cycle.period.start, cycle.period.end) if cycle else None,
        next_plan=next_plan,
        next_name=following.name if following else None,
        suspends_at=pool.suspends_at,
        provider=standing.provider if standing else None,
    )


def _state(
    suspends_at: datetime | None,
    standing: Standing | None,
    next_plan: str | None,
    now: datetime,
    *,
    renews: bool,
) -> PlanState:
    if suspends_at is not None and suspends_at <= now:
        return PlanState.SUSPENDED
    if standing is not None and standing.is_past_due:
        return PlanState.PAST_DUE
    if not renews:
        return PlanState.ENDS
    return PlanState.RENEWS if next_plan is None else PlanState.CHANGES
