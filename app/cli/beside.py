"""The scheduler: in this process, or as a child beside the server."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.cli.server import GRACE_SECONDS, end_with_parent

log = logging.getLogger(__name__)


def schedule_until(*signals: signal.Signals) -> None:
    """Run the jobs in this process until one of these signals comes."""
    from app.factory import build_without_doors
    from app.jobs.scheduler import running
    from app.jobs.timetable import timetable
    from app.jobs.workbench import working

    stop = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: stop.set())
    app = build_without_doors()
    with app.app_context():
        jobs = timetable(app.extensions["coffer"])
    with running(app, jobs), working(app, app.extensions["coffer"]):
        stop.wait()


@contextmanager
def scheduler_beside() -> Iterator[None]:
    """Run the jobs in a child, which is started again when it ends by itself."""
    stopping = threading.Event()
    children = [_start()]
    threading.Thread(target=_keep_alive, args=(children, stopping), daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        children[-1].terminate()
        children[-1].join(GRACE_SECONDS)
        children[-1].kill()
        children[-1].join()


def _keep_alive(children: list[multiprocessing.Process], stopping: threading.Event) -> None:
    while True:
        children[-1].join()
        if stopping.wait(1):
            return
        log.error("The scheduler ended by itself; it is started again.")
        children.append(_start())


def _start() -> multiprocessing.Process:
    child = multiprocessing.Process(target=_schedule, name="coffer-scheduler")
    child.start()
    return child


def _schedule() -> None:
    """Ctrl-C reaches every process of a terminal; the parent alone says when this one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    schedule_until(signal.SIGTERM)
