"""VERBS: put an account on another plan, cancel a plan, take that back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.domain.catalogue import Catalogue, Plan
from app.domain.plan_change import CancelPlan, ChangeAtPeriodEnd, ResumePlan, StartPlan
from app.domain.pool import Cycle
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access, Right
from app.services.billing.apply import Standing, change
from app.services.workspaces.access import present_access
from app.store.accounts import Account, AccountKind, account_by_id
from app.store.database import add
from app.store.subscriptions import OPERATOR, Subscription, SubscriptionState

FREE = "free"


def change_plan(
    access: Access,
    plan_key: str,
    now: datetime,
    *,
    at_period_end: bool = False,
    withdrawn: bool = False,
    last: Callable[[], object] = lambda: None,
) -> Cycle:
    """Upgrade at once, unless it shall wait; downgrade at the period's end, always.

    Only operators put an account on a plan that is `withdrawn` from sale. `last` ends the
    transaction.
    """
    account = _account(access)

    def decide(here: Standing) -> Cycle:
        plan = here.catalogue.plan(plan_key)
        _require_fitting(account.kind, plan)
        _require_paid(here.subscription)
        cycle = here.pool.cycle
        if not withdrawn and (cycle is None or cycle.plan != plan.key):
            require_on_sale(plan)
        at_once = cycle is None or cycle.period.end <= here.now
        if cycle is not None and not at_once:
            if cycle.plan == plan.key and cycle.next_plan is None and cycle.renews:
                raise Conflict(f"This account is on the plan {plan.name} already.")
            at_once = not at_period_end and is_upgrade(here.catalogue, cycle.plan, plan.key)
        if not at_once:
            return _change_later(here, plan)
        payer = here.subscription.provider if here.subscription else OPERATOR
        subscribe(account.id, access.person_id, here, plan, payer)
        return StartPlan(plan).apply(here.pool, here.now)

    return change(account.id, decide, now, first=lambda: _ask(access), last=last)


def cancel_plan(access: Access, now: datetime) -> Cycle:
    """Let the plan end with its period. A person has the free plan then, a workspace none."""
    account = _account(access)

    def decide(here: Standing) -> Cycle:
        subscription, cycle = here.subscription, here.pool.cycle
        _require_paid(subscription)
        if subscription is None or cycle is None or cycle.plan == FREE:
            raise Conflict("There is no subscription to cancel: this plan costs nothing.")
        cancelled = CancelPlan(falls_back_on(account.kind)).apply(here.pool, here.now)
        subscription.state = SubscriptionState.CANCELLED
        return cancelled

    return change(account.id, decide, now, first=lambda: _ask(access))


def resume_plan(access: Access, now: datetime) -> Cycle:
    """Take back a cancellation, or a change that waits for the period's end."""
    account = _account(access)

    def decide(here: Standing) -> Cycle:
        _require_paid(here.subscription)
        cycle = here.pool.cycle
        if cycle is None or (cycle.renews and cycle.next_plan is None):
            raise Conflict("There is nothing to take back: the plan renews as it is.")
        resumed = ResumePlan().apply(here.pool, here.now)
        if here.subscription is not None:
            here.subscription.state = SubscriptionState.ACTIVE
        return resumed

    return change(account.id, decide, now, first=lambda: _ask(access))


def is_upgrade(catalogue: Catalogue, present: str, wanted: str) -> bool:
    """Tell whether one plan stands after another in the catalogue, which goes from small to big."""
    order = list(catalogue.plans)
    return present not in order or order.index(wanted) > order.index(present)


def subscribe(
    account_id: int, person_id: int, here: Standing, plan: Plan, provider: str
) -> Subscription:
    """Let the subscription name plan and provider; an account that paid for nothing gets one."""
    found = here.subscription
    if found is None:
        found = Subscription(
            person_id=person_id, account_id=account_id, created_at=here.now, paid_through=0
        )
    found.plan, found.provider, found.state = plan.key, provider, SubscriptionState.ACTIVE
    add(found)
    return found


def falls_back_on(kind: AccountKind) -> str | None:
    """A person always has the free plan; a workspace has none to fall back on."""
    return FREE if kind is AccountKind.PERSONAL else None


def require_on_sale(plan: Plan) -> None:
    """Raise `InvalidRequest` for a plan that was withdrawn from sale."""
    if not plan.on_sale:
        raise InvalidRequest.of("plan", f"The plan {plan.name} is not on sale any more.")


def _ask(access: Access) -> None:
    present_access(access, Right.MANAGE_BILLING)


def _account(access: Access) -> Account:
    account = account_by_id(access.account_id)
    assert account is not None
    return account


def _change_later(here: Standing, plan: Plan) -> Cycle:
    changed = ChangeAtPeriodEnd(plan.key).apply(here.pool, here.now)
    if here.subscription is not None:
        ends = plan.key == FREE
        here.subscription.state = SubscriptionState.CANCELLED if ends else SubscriptionState.ACTIVE
    return changed


def _require_fitting(kind: AccountKind, plan: Plan) -> None:
    if (kind is AccountKind.WORKSPACE) != plan.workspaces:
        needed = "with workspaces" if kind is AccountKind.WORKSPACE else "for one person"
        raise InvalidRequest.of("plan", f"This account needs a plan {needed}; {plan.name} is none.")


def _require_paid(subscription: Subscription | None) -> None:
    if subscription is not None and subscription.state is SubscriptionState.PAST_DUE:
        raise Conflict("A payment is missing. Paying comes first; without it the plan ends.")
