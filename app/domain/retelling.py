"""Retellings: when a consumer that failed at an event is told of it again, and when no more."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TELLINGS = 16


def wait_before_telling_again(failures: int) -> timedelta | None:
    """How long to wait after so many failures, each time twice as long; None after the last.

    Sixteen tellings take about seven hours.
    """
    if failures >= MOST_TELLINGS:
        return None
    doubled: timedelta = FIRST_WAIT * 2 ** (failures - 1)
    return min(doubled, LONGEST_WAIT)
