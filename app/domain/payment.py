"""Payments: what is paid for, how an attempt stands, when to ask again, try again and give up.

An attempt is one try to take money. What a provider told is believed in one direction only: that
money moved is final, and may even be learnt of an attempt that was taken for lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What an attempt pays for."""

    PLAN = "plan"
    PERIOD = "period"
    TOP_UP = "top_up"
    AUTO_TOP_UP = "auto_top_up"


class AttemptState(StrEnum):
    """How an attempt, or a refund, stands. OPEN: written down, and nothing was heard yet."""

    OPEN = "open"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PROCESSED = "processed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


UNRESOLVED = (AttemptState.OPEN, AttemptState.PENDING, AttemptState.UNKNOWN)
FAILED = (AttemptState.DECLINED, AttemptState.CANCELLED)

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_ASK_AFTER = (
    *(_MINUTE, 5 * _MINUTE, 11 * _MINUTE, 30 * _MINUTE),
    *(2 * _HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR),
)
RETRY_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
# A call that took too long may still arrive for a while; that it never arrived is believed then.
ARRIVES_WITHIN = 10 * _MINUTE
PAY_WITHIN = timedelta(days=14)
REFUND_WITHIN = timedelta(days=14)
MOST_AUTO_FAILURES = 3
_AUTO_RETRY_AFTER = (_HOUR, 24 * _HOUR)


def follows(before: AttemptState, told: AttemptState) -> bool:
    """Tell whether what was told now takes the place of what was known before."""
    if before in FAILED:
        return told is AttemptState.PROCESSED
    if before is AttemptState.PENDING:
        return told is not AttemptState.UNKNOWN
    return before is not AttemptState.PROCESSED


def ask_after(asked: int) -> timedelta:
    """How long to wait before the provider is asked again, after so many times."""
    return _ASK_AFTER[min(asked, len(_ASK_AFTER) - 1)]


def retry_at(first_failed: datetime, failures: int) -> datetime | None:
    """When to try a period's payment again; None when it was tried often enough.

    Three more tries, 1, 3 and 5 days after the first failure; then the plan is past due.
    """
    if failures > len(RETRY_AFTER):
        return None
    return first_failed + RETRY_AFTER[failures - 1]


def auto_retry_after(failures: int) -> timedelta | None:
    """How long automatic top-up waits after failures in a row; None: it switches itself off."""
    if failures >= MOST_AUTO_FAILURES:
        return None
    return _AUTO_RETRY_AFTER[failures - 1]


def month_of(now: datetime) -> datetime:
    """The beginning of the calendar month (UTC) in which a cap counts."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
