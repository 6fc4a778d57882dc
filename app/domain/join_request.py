"""Asking to join a workspace: where it stands, and when one may ask once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusals import Conflict

AGAIN_AFTER = timedelta(days=30)
LONGEST_REASON = 300


class RequestState(StrEnum):
    """Where a request stands; closed: they came in by another way, or took it back."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    CLOSED = "closed"


def may_ask_from(state: RequestState, answered_at: datetime | None) -> datetime | None:
    """The instant from which one may ask once more; None when nothing stands in the way."""
    declined = state is RequestState.DECLINED and answered_at is not None
    return answered_at + AGAIN_AFTER if declined and answered_at else None


def require_waiting(state: RequestState) -> None:
    """Raise `Conflict` unless nobody has answered yet."""
    if state is not RequestState.WAITING:
        raise Conflict(f"This request was answered already: {state}.")
