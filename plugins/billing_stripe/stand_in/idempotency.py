"""Idempotency keys as docs.stripe.com/api/idempotent_requests describes them.

The first answer is kept once the endpoint has begun to work, whatever it was, and is given again,
marked as a replay. The same key with another request is refused, and so is one that is still at
work. What was refused before any work began is not kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from plugins.billing_stripe.stand_in.wire import Json

Answer = tuple[int, Json, dict[str, str]]
Work = Callable[[], tuple[int, Json, bool]]


class Memory:
    """The keys of one account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Any, int, Json]] = {}
        self._at_work: dict[str, Any] = {}

    def clear(self) -> None:
        """Forget all keys."""
        self._kept.clear()

    def answer(self, key: str | None, request: object, work: Work) -> Answer:
        """Work once for a key, and give the same answer ever after."""
        if key is None:
            status, body, _ = work()
            return status, body, {}
        with self._lock:
            if key in self._kept:
                first, status, body = self._kept[key]
                return _replay(status, body) if first == request else _mismatch()
            if key in self._at_work:
                return _busy()
            self._at_work[key] = request
        try:
            status, body, kept = work()
        finally:
            del self._at_work[key]
        if kept:
            self._kept[key] = request, status, body
        return status, body, {}


def _replay(status: int, body: Json) -> Answer:
    return status, body, {"Idempotent-Replayed": "true"}


def _mismatch() -> Answer:
    message = "Keys for idempotent requests can only be used with the same parameters."
    return 400, {"error": {"type": "idempotency_error", "message": message}}, {}


def _busy() -> Answer:
    error = {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "At work."}
    return 409, {"error": error}, {}
