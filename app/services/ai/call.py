"""One call of a model, as far as credits go: held first, then captured or released, never both.

A hold lives a little longer than the upstream may be silent, and is extended while pieces come. So
if this process is killed, the hold is released by its own time soon after.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.ai_model import AiModel
from app.domain.command import Capture, Command, Deduct, Extend, Release
from app.domain.hold import HoldState
from app.domain.reference import numbers_of
from app.domain.refusals import HoldNotActive, Refusal
from app.domain.transaction import Attribution
from app.services.ai.purse import end_call, prolong_call
from app.services.ai.use import remember_use
from app.services.credits.answers import HoldView
from app.services.credits.ledger import submit_one
from app.services.credits.post import Entry

MARGIN = timedelta(seconds=120)
RENEWED_AFTER = timedelta(seconds=60)
log = logging.getLogger(__name__)

Within = Callable[[], AbstractContextManager[object]]


@dataclass(slots=True)
class Surroundings:
    """What a call needs beside itself: the clock, and where the database can be reached.

    A stream is read outside the request that began it; `within` leads back to the installation.
    """

    now: Callable[[], datetime]
    within: Within = nullcontext


@dataclass(slots=True)
class Call:
    """A call whose credits are held. `most` is what was to be held before plugins had their say.

    `counted` are subjects with terms, and the call's number with each. `stack` lets go of what
    the call occupies, whatever becomes of its credits.
    """

    hold: HoldView
    attribution: Attribution
    model: AiModel
    most: int
    subject: str
    lasts: timedelta
    here: Surroundings
    stack: ExitStack
    counted: list[tuple[str, int]] = field(default_factory=list)
    is_over: bool = False
    renewed_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """The hold's life began when it was placed."""
        self.renewed_at = self.hold.created_at

    def keep(self) -> None:
        """Extend the hold when part of its life is over; raises `HoldNotActive` past its end."""
        now = self.here.now()
        if now - self.renewed_at < RENEWED_AFTER:
            return
        self.renewed_at = now  # tried once in so long, even when there is nothing left to extend
        with self.here.within():
            self._submit(Extend(self.number_of_hold, self.lasts), now)
            for _, number in self.counted:
                prolong_call(number, now + self.lasts)

    def end(self, credits: int | None) -> None:
        """Capture so many credits, or release the hold when None; only the first time counts."""
        if self.is_over:
            return
        self.is_over = True
        try:
            with self.here.within():
                self._settle(credits)
        finally:
            self.stack.close()

    def _settle(self, credits: int | None) -> None:
        now = self.here.now()
        captured = 0
        try:
            captured = self._finish(credits, now)
        finally:
            for subject, number in self.counted:
                end_call(subject, number, captured)
            remember_use(self.subject, captured, now)

    def _finish(self, credits: int | None, now: datetime) -> int:
        try:
            self._submit(
                Capture(self.number_of_hold, credits) if credits else Release(self.number_of_hold),
                now,
            )
        except HoldNotActive as ended:  # captured or released by a service: that was the last word
            timed_out = ended.facts["state"] == HoldState.EXPIRED
            return self._pay_late(credits, now) if credits and timed_out else 0
        return credits or 0

    def _pay_late(self, credits: int, now: datetime) -> int:
        """The hold timed out while a slow client read: take what was used without it."""
        try:
            self._submit(Deduct(credits, self.attribution), now)
        except Refusal as refusal:
            log.warning("%s ended unpaid: %s", self.hold.id, refusal.code)
            return 0
        return credits

    @property
    def pool(self) -> int:
        """The pool that pays."""
        return numbers_of("hold", self.hold.id, 2)[0]

    @property
    def number_of_hold(self) -> int:
        """The hold's number in its pool."""
        return numbers_of("hold", self.hold.id, 2)[1]

    def _submit(self, command: Command, now: datetime) -> None:
        submit_one(self.pool, Entry(command), now)
