"""Commands about money: what was paid, what goes back, and whether the books agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from app.cli.terms import INSTANT, answer, as_json, installation, spell


@click.group()
def billing() -> None:
    """Money: payments, refunds, disputes, and the comparison of the books."""


@billing.command("providers")
@as_json
def list_providers(as_json: bool) -> None:
    """List the ways to pay that are there now."""
    with installation() as portal:
        from app.services.billing.providers import offers

        found = offers(portal.clock.now())
        lines = [
            f"{each.key}: {each.title}" + (", also when nobody is there" * each.charges_absent)
            for each in found
        ]
        answer(found, "\n".join(lines) or "No plugin brings a billing provider.", as_json=as_json)


@billing.command("history")
@click.argument("slug")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@as_json
def history(slug: str, limit: int, as_json: bool) -> None:
    """Show what happened with the money of SLUG, the latest first."""
    with installation():
        from app.cli.owner import standing_account
        from app.services.billing.history import lines_of

        found = lines_of(standing_account(slug).id, limit=limit)
        lines = [f"{spell(each.at)}  {each.kind}, {_facts(each.details)}" for each in found]
        answer(found, "\n".join(lines) or "Nothing was paid yet.", as_json=as_json)


@billing.command("refund")
@click.argument("key")
@click.option("--reason", default="", help="What the credit note says.")
@as_json
def refund(key: str, reason: str, as_json: bool) -> None:
    """Give back the money of the payment KEY of a pack that was not used; its credits leave."""
    with installation() as portal:
        from app.services.billing.refund import refund_as_operator

        state = refund_as_operator(key, reason, portal.clock.now())
        answer({"payment": key, "refund": state}, f"The refund is {state}.", as_json=as_json)


@billing.command("disputes")
@as_json
def list_disputes(as_json: bool) -> None:
    """List payments that banks took back, the open ones first."""
    with installation():
        from app.services.billing.dispute import disputes

        found = disputes()
        lines = [
            f"{each.account}: {each.money} of {each.payment} ({each.provider}), "
            f"{each.credits} credits taken back, {_how(each.won)}"
            for each in found
        ]
        answer(found, "\n".join(lines) or "Nothing is disputed.", as_json=as_json)


@billing.command("reconcile")
@click.option("--provider", required=True, help="The provider's key.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 3660))
@click.option("--until", type=INSTANT, help="Compare up to this instant instead of now.")
@as_json
def reconcile(provider: str, days: int, until: datetime | None, as_json: bool) -> None:
    """Compare a provider's books with ours; exits with 1 when they differ.

    What differs is kept for the page of the operators, who are told of what is new by mail.
    """
    with installation() as portal:
        from app.services.billing.reconcile import reconcile as compare

        now = portal.clock.now()
        end = until or now
        since = end - timedelta(days=days)
        found = compare(provider, since, end, now)
        span = f"{spell(since)} to {spell(end)}"
        lines = [f"{e.about}, {e.kind}: {e.ours} here, {e.theirs} there" for e in found]
        data = {"provider": provider, "since": since, "until": end, "agree": not found}
        text = "\n".join(lines) or f"The books agree, {span}."
        answer({**data, "differences": found}, text, as_json=as_json)
        if found:
            raise click.exceptions.Exit(1)


def _facts(details: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in details.items())


def _how(won: bool | None) -> str:
    return "open" if won is None else "won" if won else "lost"


COMMANDS = (billing,)
