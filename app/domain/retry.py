"""Retries: when to try again what failed, ever more rarely, and when to stop."""

from __future__ import annotations

from datetime import timedelta

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_WAITS = (_MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 12 * _HOUR)
MOST_ATTEMPTS = 10


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when that was the last."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return _WAITS[min(attempts, len(_WAITS)) - 1]
