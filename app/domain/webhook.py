"""Webhooks: which events a program can be told of, when it is told again, when it is given up.

Source: the Standard Webhooks specification, https://www.standardwebhooks.com.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MOST_WEBHOOKS = 10
LONGEST_URL = 2_000
LONGEST_DESCRIPTION = 200
LONGEST_ERROR = 300
KEPT_OF_ANSWER = 1024
OVERLAP = timedelta(hours=24)

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# What the specification recommends: ten attempts in a little over three days.
_WAITS = (timedelta(seconds=5), 5 * _MINUTE, 30 * _MINUTE, *(n * _HOUR for n in (2, 5, 10)))
WAITS = (*_WAITS, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
JITTER = 0.1
_FIRST_REST, _LONGEST_REST = timedelta(seconds=2), 5 * _MINUTE
_MOST_DOUBLINGS = 10
# An endpoint is switched off when an event was given up and nothing arrived for so long.
FAILING_FOR = timedelta(days=3)

TEST = "webhook.test"
WORDS = {
    "credits.scarce": "Fewer than 20 % of the period's credits are left",
    "credits.low": "Credits are low: fewer than 10, or 10 % of the period's",
    "credits.exhausted": "No credits are left",
    "deduction.created": "Credits were deducted (one event per deduction)",
    "hold.expired": "A hold timed out and its credits are free again",
    "top_up.completed": "Credits that were bought arrived",
    "cycle.closed": "A billing period ended",
    "subscription.changed": "The plan or its state changed",
    "member.joined": "Somebody became a member",
    "member.left": "Somebody is no longer a member",
    "limit.alerted": "An alert's limit was reached",
    "limit.reached": "A limit was reached, and what is beyond it is refused",
    "app.deployed": "An app was deployed",
}
# What is told of only where somebody asks for it, since it is much.
NOT_AT_FIRST = frozenset({"deduction.created", "hold.expired"})
_TYPES = {"credits_deducted": "deduction.created", "limit_blocked": "limit.reached"}


class DeliveryState(StrEnum):
    """How far one event came to one endpoint. A failed one was given up; it may be replayed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class OffReason(StrEnum):
    """Why an endpoint is switched off."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt: an HTTP status and the answer's beginning, or why there is none."""

    status: int | None
    answer: str
    error: str | None
    milliseconds: int

    @property
    def arrived(self) -> bool:
        """Tell whether the endpoint took it: a status of 200 to 299."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's

    @property
    def is_gone(self) -> bool:
        """Tell whether the endpoint wants nothing more, for ever: 410."""
        return self.status == 410  # noqa: PLR2004 - HTTP's


def type_of(topic: str) -> str:
    """Name a topic as the specification does, with a point: `credits_low` is `credits.low`."""
    family, _, done = topic.rpartition("_")
    return _TYPES.get(topic) or f"{family}.{done}"


def words_of(event: str) -> str:
    """Say in words what an event is."""
    return WORDS.get(event) or event.replace(".", " ").replace("_", " ").capitalize()


def wait_after(failures: int, chance: float) -> timedelta | None:
    """How long one event waits after so many failures; None when it is given up.

    `chance`, from 0 to 1, spreads events that failed together: up to a tenth longer.
    """
    if failures > len(WAITS):
        return None
    spread: timedelta = WAITS[failures - 1] * (1 + JITTER * chance)
    return spread


def rest_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row, whatever waits for it."""
    doubled: timedelta = _FIRST_REST * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return min(doubled, _LONGEST_REST)
