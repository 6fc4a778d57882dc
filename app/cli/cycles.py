"""Commands about cycles: close what is due, or tell what closing it would do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.terms import INSTANT, answer, as_json, installation, spell

if TYPE_CHECKING:
    from app.services.cycle.preview import Foreseen
    from app.services.cycle.run import Run

FIGURES = ("periods", "granted", "trimmed", "expired", "timed_out")


@click.group()
def cycle() -> None:
    """Cycles, after which pools renew."""


@cycle.command("run")
@click.option("--at", type=INSTANT, help="Close what is due at that instant; default is now.")
@click.option("--dry-run", is_flag=True, help="Only tell what would happen to each pool.")
@as_json
def run_cycle(at: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Close every period that is due, and settle whatever else time has done to pools.

    May run any number of times and anywhere, also several at once: each period is closed once.
    A pool that can't be settled stops no other; it is reported, and the command exits with 1.
    """
    with installation() as portal:
        now = portal.clock.now
        if dry_run:
            _foresee(at or now(), as_json=as_json)
        else:
            _run(at or now(), now, as_json=as_json)


def _run(at: datetime, clock: Callable[[], datetime], *, as_json: bool) -> None:
    from app.services.cycle.run import Run

    run = _watched(at, clock) or Run(at)
    data = {
        "at": at,
        "run": run.number,
        "due": run.due,
        "pools": run.settled,
        "failed": len(run.failures),
        "failures": [words for _, words in run.failures],
        "dry_run": False,
    }
    answer(data, f"{run.settled} pools settled at {spell(at)}.", as_json=as_json)
    if run.failures:
        shown = "\n".join(words for _, words in run.failures)
        raise click.ClickException(f"{len(run.failures)} pools could not be settled:\n{shown}")


def _watched(at: datetime, clock: Callable[[], datetime]) -> Run | None:
    """Carry the run out under a bar that fills; None when nothing is due."""
    from app.domain.trigger import Trigger
    from app.services.cycle.run import watched_run

    steps = watched_run(at, Trigger.COMMAND, clock)
    run = next(steps, None)
    if run is None:
        return None
    bar = click.progressbar(length=run.due, label="Settling", file=sys.stderr, show_pos=True)
    with bar:
        for step in steps:
            bar.update(step.done - bar.pos)
    return run


def _foresee(at: datetime, *, as_json: bool) -> None:
    from app.services.cycle.preview import preview

    items: list[Foreseen] = []
    totals = {"pools": 0, **dict.fromkeys(FIGURES, 0), "problems": 0}
    for item in preview(at):
        totals["pools"] += 1
        totals["problems"] += item.problem is not None
        for name in FIGURES:
            totals[name] += getattr(item, name)
        if as_json:
            items.append(item)
        else:
            click.echo(_line(item))
    data = {"at": at, "pools": totals["pools"], "dry_run": True, "totals": totals, "items": items}
    answer(data, _sum(totals, at), as_json=as_json)


def _line(item: Foreseen) -> str:
    """Spell what would happen to one pool."""
    if item.problem is not None:
        return f"{item.account}: can't be settled, {item.problem}"
    parts = [f"{item.balance} → {item.balance_after} credits"]
    if item.periods:
        parts.append(f"{item.periods} periods open with {item.granted}")
    if item.carried:
        parts.append(f"{item.carried} carried over")
    if item.expired:
        over = f" ({item.trimmed} over the cap)" if item.trimmed else ""
        parts.append(f"{item.expired} expire{over}")
    if item.timed_out:
        parts.append(f"{item.timed_out} holds time out")
    return f"{item.account}: " + ", ".join(parts)


def _sum(totals: dict[str, int], at: datetime) -> str:
    bad = f" {totals['problems']} can't be settled." if totals["problems"] else ""
    return (
        f"{totals['pools']} pools would be settled at {spell(at)}: {totals['periods']} periods,"
        f" {totals['granted']} credits granted, {totals['expired']} expired"
        f" ({totals['trimmed']} over the cap), {totals['timed_out']} holds timed out.{bad}"
    )


COMMANDS = (cycle,)
