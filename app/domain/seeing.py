"""Seeing as somebody else: how long an operator may, and what they are told when they try more."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.refusals import Forbidden

LASTS = timedelta(minutes=15)


class OnlyLooking(Forbidden):
    """An operator who looks at pages as somebody else changes nothing."""

    title = "You are only looking"

    def __init__(self, name: str, *, is_secret: bool = False) -> None:
        kept = "what is secret stays shut" if is_secret else "nothing can be changed"
        super().__init__(
            f"You see this as {name} does, and {kept} meanwhile. End it first; then do what you "
            "need as yourself."
        )


def ends_at(began_at: datetime) -> datetime:
    """The instant at which it is over, at last."""
    return began_at + LASTS
