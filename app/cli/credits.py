"""Commands about pools: grant credits, show a balance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.terms import INSTANT, answer, as_json, installation, spell

if TYPE_CHECKING:
    from app.services.credits.answers import GrantView, PoolView

SOURCES = click.Choice(["top_up", "adjustment"])


@click.group("credits")
def credits_group() -> None:
    """Credits in the pool of an account."""


@credits_group.command("grant")
@click.argument("slug")
@click.argument("amount", metavar="N", type=click.IntRange(min=1))
@click.option("--source", type=SOURCES, default="adjustment", show_default=True)
@click.option("--expires", type=INSTANT, help="When what is left of them expires; default never.")
@click.option("--reason", default="granted by the operator", show_default=True)
@as_json
def grant(
    slug: str, amount: int, source: str, expires: datetime | None, reason: str, as_json: bool
) -> None:
    """Put N credits into the pool of SLUG."""
    with installation() as portal:
        from app.cli.owner import standing_account
        from app.domain.grant import Source
        from app.services.credits.grant import grant_credits
        from app.services.credits.read import pool

        now = portal.clock.now()
        line = grant_credits(slug, amount, Source(source), expires, reason, now)
        available = pool(standing_account(slug), now).available
        answer(line, f"{slug} got {amount} credits and has {available} now.", as_json=as_json)


@credits_group.command("show")
@click.argument("slug")
@click.option("--at", type=INSTANT, help="As it was at that instant; default is now.")
@as_json
def show(slug: str, at: datetime | None, as_json: bool) -> None:
    """Show the pool of SLUG and the grants it consists of, in the order of use."""
    with installation() as portal:
        from app.cli.owner import standing_account
        from app.services.credits.read import pool

        view = pool(standing_account(slug), portal.clock.now(), at)
        answer(view, _as_text(view), as_json=as_json)


def _as_text(view: PoolView) -> str:
    plan = view.plan or "no plan"
    lines = [f"{view.account}: {view.available} credits available, {view.held} held ({plan})"]
    if view.period is not None:
        lines.append(f"cycle {spell(view.period.start)} to {spell(view.period.end)}")
    return "\n".join(lines + [_grant_line(grant) for grant in view.grants])


def _grant_line(grant: GrantView) -> str:
    return (
        f"  {grant.id:<14} {grant.source:<11} {grant.remaining:>7} of {grant.granted:<7}"
        f" expires {spell(grant.expires_at)}"
    )


COMMANDS = (credits_group,)
