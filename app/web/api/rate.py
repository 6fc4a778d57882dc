"""DOORS, API: how often a token may call, counted in this process.

The window is fixed and the same for all tokens, so that counting costs next to nothing on the
hot route; a general rate limiter took a fifth of what a deduction costs outside the ledger.
"""

from __future__ import annotations

import math
import time
from threading import Lock
from typing import TYPE_CHECKING

from limits import parse

from app.domain.refusals import RateLimited

if TYPE_CHECKING:
    from app.services.credits.caller import Caller
    from app.settings import Settings


class Window:
    """Counts what each token does in the present span of time, and forgets it with the span."""

    def __init__(self, rate: str) -> None:
        limit = parse(rate)
        self._most, self._seconds = limit.amount, limit.get_expiry()
        self._began = 0
        self._counts: dict[int, int] = {}
        self._mutex = Lock()

    def count(self, token_id: int) -> None:
        """Count one call; raise `RateLimited` when it is one too many."""
        now = time.monotonic()
        began = int(now // self._seconds)
        with self._mutex:
            if began != self._began:
                self._began, self._counts = began, {}
            counted = self._counts[token_id] = self._counts.get(token_id, 0) + 1
        if counted > self._most:
            raise RateLimited(max(1, math.ceil((began + 1) * self._seconds - now)))


class RateLimit:
    """What each kind of token may do."""

    def __init__(self, settings: Settings) -> None:
        self._person_or_app = Window(settings.rate_limit_per_token)
        self._service = Window(settings.rate_limit_per_service_token)

    def count(self, caller: Caller) -> None:
        """Count one call of the caller."""
        window = self._service if caller.kind == "service" else self._person_or_app
        window.count(caller.token_id)
