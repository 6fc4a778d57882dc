"""Commands about the plan of an account: show, change, cancel, resume, tell what was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.terms import answer, as_json, installation, spell

if TYPE_CHECKING:
    from app.domain.role import Access
    from app.services.billing.read import PlanView


@click.group()
def plan() -> None:
    """The plan of an account, as the operator changes it, without payment."""


@plan.command("show")
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Show the plan of SLUG and what comes next."""
    _do(slug, None, as_json=as_json)


@plan.command("change")
@click.argument("slug")
@click.argument("plan_key", metavar="PLAN")
@click.option("--at-period-end", is_flag=True, help="Wait for the period's end with an upgrade.")
@as_json
def change(slug: str, plan_key: str, at_period_end: bool, as_json: bool) -> None:
    """Put SLUG on PLAN: an upgrade at once, a downgrade at the end of the period."""

    def act(access: Access, now: datetime) -> object:
        from app.services.billing.change_plan import change_plan

        return change_plan(access, plan_key, now, at_period_end=at_period_end, withdrawn=True)

    _do(slug, act, as_json=as_json)


@plan.command("cancel")
@click.argument("slug")
@as_json
def cancel(slug: str, as_json: bool) -> None:
    """Let the plan of SLUG end with its period."""

    def act(access: Access, now: datetime) -> object:
        from app.services.billing.change_plan import cancel_plan

        return cancel_plan(access, now)

    _do(slug, act, as_json=as_json)


@plan.command("resume")
@click.argument("slug")
@as_json
def resume(slug: str, as_json: bool) -> None:
    """Take a cancellation or a change at the period's end back."""

    def act(access: Access, now: datetime) -> object:
        from app.services.billing.change_plan import resume_plan

        return resume_plan(access, now)

    _do(slug, act, as_json=as_json)


@plan.command("declined")
@click.argument("slug")
@as_json
def tell_declined(slug: str, as_json: bool) -> None:
    """Tell that SLUG did not pay: nothing further opens, and the days of grace begin."""

    def act(access: Access, now: datetime) -> object:
        from app.services.billing.payments import declined, period_to_pay

        return declined(access.account_id, period_to_pay(access.account_id, now), now)

    _do(slug, act, as_json=as_json)


@plan.command("paid")
@click.argument("slug")
@as_json
def tell_paid(slug: str, as_json: bool) -> None:
    """Tell that SLUG paid: what was missing is restored."""

    def act(access: Access, now: datetime) -> object:
        from app.services.billing.payments import paid, period_to_pay

        return paid(access.account_id, period_to_pay(access.account_id, now), now)

    _do(slug, act, as_json=as_json)


def _do(slug: str, act: Callable[[Access, datetime], object] | None, *, as_json: bool) -> None:
    with installation() as portal:
        from app.cli.owner import owner_access, standing_account
        from app.services.billing.read import plan_of

        now = portal.clock.now()
        if act is not None:
            act(owner_access(slug), now)
        view = plan_of(standing_account(slug), now)
        answer(view, _as_text(view), as_json=as_json)


def _as_text(view: PlanView) -> str:
    lines = [f"{view.account}: {view.name}, {view.credits} credits per cycle ({view.state})"]
    if view.period is not None:
        lines.append(f"cycle {spell(view.period.start)} to {spell(view.period.end)}")
    if view.next_name is not None:
        lines.append(f"then {view.next_name}")
    if view.suspends_at is not None:
        lines.append(f"nobody can spend from {spell(view.suspends_at)} on")
    return "\n".join(lines)


COMMANDS = (plan,)
