"""Cycles for the operator: runs, how long they took, what failed, what is due, and a button."""

from __future__ import annotations

import logging
from threading import Thread

from flask import Flask, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.domain.trigger import Trigger
from app.services.cycle.run import Run, begin_run, finish_run
from app.services.cycle.runs import find_run, list_runs, what_is_due
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.page import pages
from app.web.portal import portal

LATEST = 50

log = logging.getLogger(__name__)


@pages.get("/admin/cycles")
@for_operators
def admin_cycles() -> ResponseReturnValue:
    """Show the latest runs and what is due next."""
    now = portal().clock.now()
    return admin_page("admin/cycles.html", runs=list_runs(LATEST, now), due=what_is_due(now))


@pages.post("/admin/cycles/run")
@for_operators
def admin_run_cycle() -> ResponseReturnValue:
    """Close what is due now, beside this request, and go where its progress is shown."""
    clock = portal().clock
    run = begin_run(clock.now(), Trigger.PAGE, clock.now())
    if run is None:
        flash("Nothing is due: every pool is settled.", "info")
        return redirect(url_for("pages.admin_cycles"))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    Thread(target=_finish, args=(app, run), name=f"cycle-{run.number}", daemon=True).start()
    return redirect(url_for("pages.admin_cycle", number=run.number))


@pages.get("/admin/cycles/<int:number>")
@for_operators
def admin_cycle(number: int) -> ResponseReturnValue:
    """Show one run, and how far it is while it goes on."""
    return admin_page("admin/cycle.html", run=find_run(number, portal().clock.now()))


def _finish(app: Flask, run: Run) -> None:
    """Carry the run out; if this process is killed, the next run goes on where it stopped."""
    with app.app_context():
        try:
            for _ in finish_run(run, portal().clock.now):
                pass
        except Exception:
            log.exception("The cycle run %s broke off.", run.number)
