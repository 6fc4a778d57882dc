"""Notices: mails that time brings about, and when credits that expire are worth one."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

WARN_BEFORE = timedelta(days=7)
WORTH_ONE_IN = 10


class NoticeKind(StrEnum):
    """A mail that time brings about."""

    EXPIRING = "expiring"
    STATEMENT = "statement"


def is_worth_a_warning(lost: int, available: int) -> bool:
    """Tell whether more than a tenth of the pool would be lost."""
    return lost * WORTH_ONE_IN > available
