"""VERBS that read: what an account can buy or change to, and what each step brings about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.catalogue import Catalogue, Pack, Plan
from app.domain.role import Access, Right
from app.hookspecs import Money
from app.services.billing.change_plan import FREE, is_upgrade
from app.services.billing.purchase import missing_payment
from app.services.billing.read import PlanState, plan_of
from app.services.directory import directory
from app.store.accounts import Account, AccountKind, account_by_id
from app.store.subscriptions import free_business_subscription


class PlanStep(StrEnum):
    """What an owner can do about a plan: it runs, it is to be paid, bought, or changed to later."""

    RUNS = "runs"
    PAY = "pay"
    BUY = "buy"
    LATER = "later"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan as an account's owner sees it. WORKSPACE: a person buys it to open a workspace."""

    key: str
    name: str
    credits: int
    renews: str
    rollover_cap: int | None
    price: Money
    step: PlanStep


@dataclass(frozen=True, slots=True)
class PackOffer:
    """A pack of credits and its price."""

    key: str
    name: str
    credits: int
    price: Money


def plan_offers(access: Access, now: datetime) -> list[PlanOffer]:
    """List the plans that an account can be on, in the catalogue's order; for its owner."""
    access.require(Right.MANAGE_BILLING)
    account = account_by_id(access.account_id)
    assert account is not None
    catalogue = directory().catalogue(now)
    return [
        _offer(plan, _step(account, plan, catalogue, now))
        for plan in catalogue.plans.values()
        if (plan.workspaces or account.kind is AccountKind.PERSONAL)
        and (plan.on_sale or plan_of(account, now).plan == plan.key)
    ]


def pack_offers(now: datetime) -> list[PackOffer]:
    """List the packs, in the catalogue's order."""
    packs = directory().catalogue(now).packs.values()
    return [_pack(pack) for pack in packs if pack.on_sale]


def plans_for_workspaces(now: datetime) -> list[PlanOffer]:
    """List the plans with which somebody can open a workspace."""
    plans = directory().catalogue(now).plans.values()
    return [_offer(plan, PlanStep.WORKSPACE) for plan in plans if plan.workspaces and plan.on_sale]


def can_open_workspace(person_id: int) -> bool:
    """Tell whether a person has a subscription that no workspace uses yet."""
    return free_business_subscription(person_id) is not None


def _step(account: Account, plan: Plan, catalogue: Catalogue, now: datetime) -> PlanStep:
    if account.kind is AccountKind.PERSONAL and plan.workspaces:
        return PlanStep.WORKSPACE
    here = plan_of(account, now)
    if here.plan == plan.key and missing_payment(account, now) is not None:
        return PlanStep.PAY
    runs = here.period is not None and here.period.end > now
    if not runs or here.state is PlanState.SUSPENDED:
        return PlanStep.BUY if plan.amount else PlanStep.LATER
    if here.plan == plan.key:
        return PlanStep.RUNS
    is_bought = plan.key != FREE and is_upgrade(catalogue, here.plan, plan.key)
    return PlanStep.BUY if is_bought else PlanStep.LATER


def _offer(plan: Plan, step: PlanStep) -> PlanOffer:
    return PlanOffer(
        plan.key,
        plan.name,
        plan.credits,
        plan.renews.value,
        plan.rollover_cap,
        Money(plan.amount, plan.currency),
        step,
    )


def _pack(pack: Pack) -> PackOffer:
    return PackOffer(pack.key, pack.name, pack.credits, Money(pack.amount, pack.currency))
