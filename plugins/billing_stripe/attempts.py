"""What the plugin remembers of each attempt, written before Stripe is asked.

A lost answer leaves us with nothing but our key. Stripe can't be asked by key: its search lags
behind, and its lists are long. So the plugin keeps whose payment it was, since when, and the
request itself: the payer's list is short and never lags, and a repeat is the same to the letter,
as Stripe's idempotency demands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from app.hookspecs import Tables

Kind = Literal["checkout", "saved", "refund"]
# Stripe gives up a request after 80 seconds; what isn't in its lists by then never will be.
SETTLED_AFTER = timedelta(seconds=120)
# Our clock and Stripe's may differ by so much.
CLOCKS_DIFFER = timedelta(days=1)
FIND = (
    "SELECT kind, target, request, reference, began_at, tried_at"
    " FROM billing_stripe_attempts WHERE attempt_key = :attempt_key"
)
BEGIN = (
    "INSERT INTO billing_stripe_attempts"
    " (attempt_key, kind, target, request, began_at, tried_at)"
    " VALUES (:attempt_key, :kind, :target, :request, :began_at, :began_at)"
    " ON CONFLICT (attempt_key) DO NOTHING"
)
AGAIN = "UPDATE billing_stripe_attempts SET tried_at = :at WHERE attempt_key = :attempt_key"
TOLD = "UPDATE billing_stripe_attempts SET reference = :reference WHERE attempt_key = :attempt_key"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A charge or refund that Stripe was asked for, or was about to be.

    `target` is the customer of a charge, the payment of a refund. `reference` is Stripe's name.
    """

    key: str
    kind: Kind
    target: str
    request: Mapping[str, Any]
    reference: str | None
    began_at: datetime
    tried_at: datetime

    @property
    def since(self) -> int:
        """The instant from which Stripe's lists can show it, in seconds since 1970."""
        return int((self.began_at - CLOCKS_DIFFER).timestamp())

    def is_settled(self, now: datetime) -> bool:
        """Tell whether a request that was on its way has arrived by now, or never will."""
        return now - self.tried_at >= SETTLED_AFTER


class Attempts:
    """The attempts of one installation."""

    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._tables = tables
        self.now = now

    def find(self, key: str) -> Attempt | None:
        """Find what was kept of a key."""
        rows = self._tables.read(FIND, attempt_key=key)
        return _attempt(key, rows[0]) if rows else None

    def begin(self, key: str, kind: Kind, target: str, request: Mapping[str, Any]) -> Attempt:
        """Keep an attempt; of two at once the first is kept, and both go on with that."""
        row = {
            "attempt_key": key,
            "kind": kind,
            "target": target,
            "request": json.dumps(request, ensure_ascii=False),
            "began_at": _seconds(self.now()),
        }
        self._tables.write((BEGIN, row))
        kept = self.find(key)
        assert kept is not None
        return kept

    def again(self, attempt: Attempt) -> Attempt:
        """Note that Stripe is about to be asked once more."""
        now = self.now()
        self._tables.write((AGAIN, {"attempt_key": attempt.key, "at": _seconds(now)}))
        return replace(attempt, tried_at=now)

    def told(self, attempt: Attempt, reference: str) -> None:
        """Keep Stripe's name."""
        if attempt.reference != reference:
            row = {"attempt_key": attempt.key, "reference": reference}
            self._tables.write((TOLD, row))


def _attempt(key: str, row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        key,
        row["kind"],
        row["target"],
        json.loads(row["request"]),
        row["reference"],
        datetime.fromtimestamp(row["began_at"], UTC),
        datetime.fromtimestamp(row["tried_at"], UTC),
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
