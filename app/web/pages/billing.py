"""The billing of an account: its plan in plain words, its past periods, and what comes next."""

from __future__ import annotations

from datetime import datetime

from flask.typing import ResponseReturnValue

from app.domain.role import Right
from app.services.billing.auto_top_up import auto_top_up_of
from app.services.billing.change_plan import cancel_plan, resume_plan
from app.services.billing.providers import offers
from app.services.billing.read import plan_of
from app.services.cycle.timeline import ComingView, coming, past_periods
from app.web.pages.page import SMALL_ID, Here, begins_at, done, in_account, page, pages
from app.web.portal import portal

PERIODS = 12
DAYS_SHOWN = 7


@pages.get("/accounts/<slug>/billing")
@in_account()
def billing(here: Here) -> ResponseReturnValue:
    """Show the plan, the next sixty days and the periods before."""
    now = portal().clock.now()
    before = begins_at(largest=SMALL_ID)
    found = past_periods(here.account, PERIODS + 1, now, before)
    steps = coming(here.account, now)
    return page(
        "billing/billing.html",
        None,
        plan=plan_of(here.account, now),
        **_for_the_owner(here, now),
        steps=_without_repetition(steps),
        is_daily=_is_daily(steps),
        periods=found[:PERIODS],
        older=found[PERIODS - 1].number if len(found) > PERIODS else None,
        before=before,
    )


@pages.post("/accounts/<slug>/billing/cancel")
@in_account(Right.MANAGE_BILLING)
def cancel_subscription(here: Here) -> ResponseReturnValue:
    """Let the plan end with its period."""
    cancel_plan(here.access, portal().clock.now())
    return done("The plan ends with its period.", "billing", slug=here.account.slug)


@pages.post("/accounts/<slug>/billing/resume")
@in_account(Right.MANAGE_BILLING)
def resume_subscription(here: Here) -> ResponseReturnValue:
    """Take a cancellation or a coming change back."""
    resume_plan(here.access, portal().clock.now())
    return done("The plan renews as before.", "billing", slug=here.account.slug)


def _for_the_owner(here: Here, now: datetime) -> dict[str, object]:
    """What only who pays is shown: the ways to pay, and what is bought by itself."""
    if not here.access.may(Right.MANAGE_BILLING):
        return {}
    return {"offers": offers(now), "auto": auto_top_up_of(here.access, now)}


def _is_daily(steps: list[ComingView]) -> bool:
    return len(steps) > DAYS_SHOWN and sum(bool(step.granted) for step in steps) > DAYS_SHOWN


def _without_repetition(steps: list[ComingView]) -> list[ComingView]:
    """Of a plan that renews every day show the first days, and whatever else will happen."""
    if not _is_daily(steps):
        return steps
    return [
        step
        for index, step in enumerate(steps)
        if index < DAYS_SHOWN or not step.granted or step.suspends
    ]
