"""JOBS, the workbench: carries actions on apps out, so many at once, until it is told to stop.

It looks for work twice a second: whoever queued it may be on another machine. What is on the bench
when it stops goes back into the queue.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from app.domain.audit_line import Actor, Door
from app.jobs.timetable import Installation
from app.services.actions.claim import anything_waits
from app.services.actions.run_one import run_one
from app.services.audit.door import at_work

LOOK_SECONDS = 0.5
SOON_SECONDS = 0.05
PATIENCE_SECONDS = 5.0

log = logging.getLogger(__name__)


@contextmanager
def working(app: Flask, of: Installation) -> Iterator[None]:
    """Carry out what is queued, in threads of this process; leaving gives back what is not done."""
    bench = _Bench(app, of)
    bench.begin()
    try:
        yield
    finally:
        bench.stop()


class _Bench:
    """A place with so many hands."""

    def __init__(self, app: Flask, of: Installation) -> None:
        self._app, self._of = app, of
        self._stopping = threading.Event()
        self._free = threading.BoundedSemaphore(of.settings.actions_at_once)
        self._name = secrets.token_hex(8)
        self._hands: set[threading.Thread] = set()
        self._look = threading.Thread(target=self._look_for_work, daemon=True, name="workbench")

    def begin(self) -> None:
        """Begin to look for work."""
        self._look.start()

    def stop(self) -> None:
        """Take nothing new, and give back what is not done."""
        self._stopping.set()
        ends = time.monotonic() + PATIENCE_SECONDS
        for thread in (self._look, *self._hands):
            thread.join(max(0.0, ends - time.monotonic()))

    def _look_for_work(self) -> None:
        pace = LOOK_SECONDS
        while not self._stopping.wait(pace):
            pace = SOON_SECONDS if self._begin_one() else LOOK_SECONDS

    def _begin_one(self) -> bool:
        """Let a hand that is free take what waits; False when there is none of the one or other."""
        if not self._free.acquire(blocking=False):
            return False
        try:
            with self._app.app_context():
                waits = anything_waits()
        except Exception:
            log.exception("It could not be seen whether an action waits.")
            waits = False
        if not waits:
            self._free.release()
            return False
        hand = threading.Thread(target=self._work, daemon=True, name="action")
        self._hands.add(hand)
        hand.start()
        return True

    def _work(self) -> None:
        of = self._of
        worker = f"{self._name}-{threading.get_ident()}"
        try:
            with self._app.app_context(), at_work(Door.JOB, Actor.COFFER, "Coffer, actions"):
                run_one(worker, of.clock.now, of.settings.action_minutes, self._stopping)
        except Exception:
            log.exception("An action could not be carried out; it is swept up when its lease ends.")
        finally:
            self._hands.discard(threading.current_thread())
            self._free.release()
