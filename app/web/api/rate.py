"""DOORS, API: how often a token may call, counted in this process."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.domain.refusals import RateLimited

if TYPE_CHECKING:
    from app.services.credits.caller import Caller
    from app.settings import Settings


class RateLimit:
    """Counts the calls of each token in fixed windows."""

    def __init__(self, settings: Settings) -> None:
        self._person_or_app = parse(settings.rate_limit_per_token)
        self._service = parse(settings.rate_limit_per_service_token)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def count(self, caller: Caller) -> None:
        """Count one call; raise `RateLimited` when it is one too many."""
        limit = self._service if caller.kind == "service" else self._person_or_app
        token = str(caller.token_id)
        if not self._windows.hit(limit, token):
            reset = self._windows.get_window_stats(limit, token).reset_time
            raise RateLimited(max(1, math.ceil(reset - time.time())))
