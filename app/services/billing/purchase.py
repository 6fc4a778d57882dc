"""VERBS: an owner pays, sitting at a browser: for a plan, for what is missing, or for a pack.

Each writes an attempt down first and then asks the provider. What comes back may be processed at
once, or say where or how to pay; whatever is told later takes effect by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.catalogue import Catalogue, Plan
from app.domain.payment import Purpose
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access, Right
from app.hookspecs import Money
from app.services.billing.attempt import AttemptView, Wanted, call, mint, view_of
from app.services.billing.change_plan import is_upgrade, require_on_sale
from app.services.billing.look_after import withdraw, withdraw_for_plan
from app.services.billing.payments import period_to_pay, subject_of
from app.services.billing.providers import required_desk
from app.services.billing.read import PlanState, plan_of
from app.services.billing.record import take_outcome
from app.services.directory import directory
from app.services.workspaces.access import access_to, present_access
from app.store.accounts import Account, AccountKind, account_by_id, personal_account
from app.store.database import UniqueTaken, transaction
from app.store.payments import FOR_A_WORKSPACE, attempt_by_key, unresolved_attempt
from app.store.subscriptions import OPERATOR, Subscription, SubscriptionState, subscription_of

PLAN_SUBJECT = "plan"


def buy_plan(
    access: Access, plan_key: str, provider: str, return_url: str, now: datetime
) -> AttemptView:
    """Pay for a plan, or for what is missing of the present one; it begins when processed.

    `return_url` is where the payer comes back to; `{key}` in it becomes the attempt's key. A person
    may buy a plan with workspaces: then a workspace can be opened (`open_workspace`) when it is
    processed. Raises `Conflict` when the plan is there already or costs nothing, and `Forbidden`.
    """
    required_desk(provider, now)
    catalogue = directory().catalogue(now)
    plan, account = catalogue.plan(plan_key), _account(access)
    _require_for_sale(account, plan)
    wanted = None if _is_for_a_workspace(account, plan) else _missing(account, plan, provider, now)
    wanted = wanted or _new_plan(account, plan, provider, catalogue, now)
    return _begin(access, replace(wanted, return_url=return_url), now)


def buy_business(
    person_id: int, plan_key: str, provider: str, return_url: str, now: datetime
) -> AttemptView:
    """Pay, as somebody without a workspace, for the plan that lets them open one."""
    own = personal_account(person_id)
    return buy_plan(access_to(person_id, own.slug)[1], plan_key, provider, return_url, now)


def buy_pack(
    access: Access, pack_key: str, provider: str, return_url: str, now: datetime
) -> AttemptView:
    """Pay for a top-up pack; its credits enter the pool when it is processed, once."""
    required_desk(provider, now)
    pack = directory().catalogue(now).packs.get(pack_key)
    if pack is None or not pack.on_sale:
        raise InvalidRequest.of("pack", f"There is no pack “{pack_key}” on sale.")
    wanted = Wanted(
        access.account_id,
        Purpose.TOP_UP,
        "",
        provider,
        f"Top-up of {pack.credits:,} credits",
        Money(pack.amount, pack.currency),
        present=True,
        return_url=return_url,
        pack=pack.key,
        credits=pack.credits,
    )
    return _begin(access, wanted, now)


def words_of(plan: Plan) -> str:
    """Say what a plan's payment is for, as it stands on invoices and statements."""
    return f"{plan.name}: {plan.credits:,} credits, {plan.renews}"


def _is_for_a_workspace(account: Account, plan: Plan) -> bool:
    """Tell whether a person buys what a workspace of theirs will live on."""
    return account.kind is AccountKind.PERSONAL and plan.workspaces


def missing_payment(account: Account, now: datetime) -> tuple[Subscription, int] | None:
    """The subscription of an account that waits for money, and for which period, if it does."""
    subscription = subscription_of(account.id)
    if subscription is None or subscription.provider == OPERATOR:
        return None
    period = period_to_pay(account.id, now)
    is_due = subscription.state is SubscriptionState.PAST_DUE
    if not is_due and not _runs_unpaid(account, subscription, period, now):
        return None
    return subscription, period


def _missing(account: Account, asked: Plan, provider: str, now: datetime) -> Wanted | None:
    """What is to be paid of the present plan: past due, or a period that could not be charged."""
    missing = missing_payment(account, now)
    if missing is None:
        return None
    subscription, period = missing
    plan = directory().catalogue(now).plan(subscription.plan)
    if plan.key != asked.key:
        raise Conflict(f"A payment for {plan.name} is missing. That comes first.")
    return period_wanted(account.id, subscription, plan, period, provider)


def _runs_unpaid(account: Account, subscription: Subscription, period: int, now: datetime) -> bool:
    view = plan_of(account, now)
    runs = view.period is not None and view.period.end > now and view.plan == subscription.plan
    stands = subscription.state is SubscriptionState.ACTIVE
    return runs and stands and period > subscription.paid_through


def period_wanted(
    account_id: int, subscription: Subscription, plan: Plan, period: int, provider: str
) -> Wanted:
    """Say what to take money for when a period is to be paid by somebody who is there."""
    return Wanted(
        account_id,
        Purpose.PERIOD,
        subject_of(subscription.id, period),
        provider,
        words_of(plan),
        Money(plan.amount, plan.currency),
        present=True,
        plan=plan.key,
        subscription_id=subscription.id,
        period=period,
    )


def _new_plan(
    account: Account, plan: Plan, provider: str, catalogue: Catalogue, now: datetime
) -> Wanted:
    subject = FOR_A_WORKSPACE if _is_for_a_workspace(account, plan) else PLAN_SUBJECT
    if subject == PLAN_SUBJECT:
        _require_new(account, plan, catalogue, now)
    if subject == FOR_A_WORKSPACE or plan_of(account, now).plan != plan.key:
        require_on_sale(plan)
    return Wanted(
        account.id,
        Purpose.PLAN,
        subject,
        provider,
        words_of(plan),
        Money(plan.amount, plan.currency),
        present=True,
        plan=plan.key,
    )


def _require_for_sale(account: Account, plan: Plan) -> None:
    if account.kind is AccountKind.WORKSPACE and not plan.workspaces:
        message = f"A workspace needs a plan with workspaces, not {plan.name}."
        raise InvalidRequest.of("plan", message)
    if plan.amount <= 0:
        raise Conflict(f"The plan {plan.name} costs nothing, so there is nothing to pay.")


def _require_new(account: Account, plan: Plan, catalogue: Catalogue, now: datetime) -> None:
    """A plan that runs is kept, not bought again; a smaller one begins at the period's end."""
    view = plan_of(account, now)
    if view.period is None or view.period.end <= now or view.state is PlanState.SUSPENDED:
        return
    if view.plan == plan.key:
        raise Conflict(f"{plan.name} runs already. What was cancelled can be taken back.")
    if not is_upgrade(catalogue, view.plan, plan.key):
        raise Conflict(f"{plan.name} is smaller than {view.name}: change at the period's end.")


def _begin(access: Access, wanted: Wanted, now: datetime) -> AttemptView:
    """Write the attempt down as the owner, ask, and take what is told."""
    if not _clear_the_way(wanted, now):
        raise Conflict("A payment for this is on its way already. Wait until it is through.")
    try:
        with transaction():
            present_access(access, Right.MANAGE_BILLING)
            key = mint(replace(wanted, person_id=access.person_id), now)
    except UniqueTaken:
        raise Conflict("A payment for this was begun at the same moment.") from None
    take_outcome(key, call(key, now), now)
    row = attempt_by_key(key)
    assert row is not None
    return view_of(row)


def _clear_the_way(wanted: Wanted, now: datetime) -> bool:
    """Withdraw what is under way for the same thing, so that nobody pays for it twice.

    Of a plan that is any of its periods, too. Packs don't stand in each other's way.
    """
    if wanted.purpose is Purpose.TOP_UP:
        return True
    if wanted.subject != FOR_A_WORKSPACE:
        return withdraw_for_plan(wanted.account_id, now)
    found = unresolved_attempt(wanted.account_id, wanted.subject)
    return found is None or withdraw(found.key, now)


def _account(access: Access) -> Account:
    access.require(Right.MANAGE_BILLING)
    account = account_by_id(access.account_id)
    assert account is not None
    return account
