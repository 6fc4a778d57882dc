"""VERBS: which period a payment is for, and what it means that one came or did not.

Credits come first while a subscription is in good standing: its periods open by time alone, and
the money is asked for right after, outside any transaction (`charge_due`). Told that a payment is
missing, nothing further opens; told that one came, it goes on. Both may be told any number of
times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.domain.plan_change import FallDue, RestorePlan, StartPlan
from app.domain.pool import Cycle
from app.domain.refusals import Conflict, NotFound
from app.services.billing.apply import Standing, change
from app.services.billing.change_plan import falls_back_on, subscribe
from app.services.credits.settle import settle_if_due
from app.store.accounts import account_by_id
from app.store.database import read_connection
from app.store.history import read_pool
from app.store.subscriptions import Subscription, SubscriptionState


def nothing() -> None:
    """Do nothing before or after."""


def subject_of(subscription_id: int, period: int) -> str:
    """Name what the payment of one period is for; at most one attempt for it is under way."""
    return f"subscription-{subscription_id}-period-{period}"


def period_to_pay(account_id: int, now: datetime) -> int:
    """The number of the period that a payment now would be for: one that runs, or the next."""
    settle_if_due([account_id], now)
    with read_connection() as connection:
        pool = read_pool(connection, account_id)
    if pool is None or pool.cycle is None:
        raise Conflict("This account has no plan to pay for.")
    return pool.cycle.number + (pool.cycle.period.end <= now)


def paid(
    account_id: int,
    period: int,
    now: datetime,
    *,
    provider: str | None = None,
    first: Callable[[], object] = nothing,
    last: Callable[[], object] = nothing,
) -> Cycle:
    """A period was paid. What was past due goes on; after its end a new period opens now.

    With `provider` that one is asked from now on.
    """

    def decide(here: Standing) -> Cycle:
        subscription, cycle = _required(here)
        subscription.provider = provider or subscription.provider
        if period <= subscription.paid_through:
            return cycle
        subscription.paid_through, before = period, cycle.number
        if not _is_restored_by(subscription, cycle, period):
            return cycle
        plan = here.catalogue.plan(subscription.plan)
        restored = RestorePlan(plan).apply(here.pool, here.now)
        subscription.state = SubscriptionState.ACTIVE
        if restored.number > before:
            subscription.paid_through = restored.number
        return restored

    return change(account_id, decide, now, first=first, last=last)


def bought(
    account_id: int,
    person_id: int,
    plan_key: str,
    provider: str,
    now: datetime,
    *,
    first: Callable[[], object],
    last: Callable[[], object] = nothing,
) -> Cycle:
    """A plan was bought and paid: it begins at once, and `provider` is asked from now on.

    `first` begins the transaction and notes that this purchase took effect; it raises a refusal
    when it did so before, and nothing happens twice.
    """

    def decide(here: Standing) -> Cycle:
        plan = here.catalogue.plan(plan_key)
        began = StartPlan(plan).apply(here.pool, here.now)
        subscription = subscribe(account_id, person_id, here, plan, provider)
        subscription.paid_through = began.number
        return began

    return change(account_id, decide, now, first=first, last=last)


def declined(
    account_id: int,
    period: int,
    now: datetime,
    *,
    first: Callable[[], object] = nothing,
    last: Callable[[], object] = nothing,
) -> Cycle:
    """A payment will not come: no further period opens, and the days of grace begin."""
    account = account_by_id(account_id)
    if account is None:
        raise NotFound

    def decide(here: Standing) -> Cycle:
        subscription, cycle = _required(here)
        stands = subscription.state is SubscriptionState.ACTIVE
        if period <= subscription.paid_through or not stands or cycle.plan != subscription.plan:
            return cycle
        subscription.state = SubscriptionState.PAST_DUE
        return FallDue(falls_back_on(account.kind)).apply(here.pool, here.now)

    return change(account_id, decide, now, first=first, last=last)


def _required(here: Standing) -> tuple[Subscription, Cycle]:
    if here.subscription is None or here.pool.cycle is None:
        raise Conflict("This account has no subscription to pay for.")
    return here.subscription, here.pool.cycle


def _is_restored_by(subscription: Subscription, cycle: Cycle, period: int) -> bool:
    """Tell whether a payment brings something back, or only settles what stands anyway."""
    if subscription.state is SubscriptionState.CANCELLED:
        return period > cycle.number
    return subscription.state is SubscriptionState.PAST_DUE
