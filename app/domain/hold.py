"""Holds: credits set aside when an action starts (PRODUCT, The pool, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.grant import Draw
from app.domain.refusals import HoldNotActive
from app.domain.transaction import Attribution

DEFAULT_HOLD = timedelta(seconds=900)
LONGEST_HOLD = timedelta(seconds=86_400)


class HoldState(StrEnum):
    """How a hold stands; all but `active` are final."""

    ACTIVE = "active"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(slots=True)
class Hold:
    """Credits set aside, with the member, the app and the price frozen in it.

    `lasts` is the life first asked for. `captured` is what the action cost in the end, by the
    transaction `seq`.
    """

    number: int
    state: HoldState
    credits: int
    draws: list[Draw]
    attribution: Attribution
    created_at: datetime
    lasts: timedelta
    expires_at: datetime
    ended_at: datetime | None = None
    captured: int = 0
    seq: int | None = None

    def require_active(self) -> None:
        """Raise `HoldNotActive` when it was captured, released or expired before."""
        if self.state is not HoldState.ACTIVE:
            raise HoldNotActive(self.state.value)

    def end(self, state: HoldState, at: datetime) -> None:
        """Leave the active state for good."""
        self.state, self.ended_at = state, at
