"""Seeing as somebody else: how long an operator may, and what they are told when they try more."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.refusals import Forbidden

LASTS = timedelta(minutes=15)


class OnlyLooking(Forbidden):
    """An operator who looks at pages as somebody else changes nothing."""

    title = "You are only looking"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"You see this as {name} does, and nothing can be changed meanwhile. End it first; "
            "then do it as yourself."
        )


def ends_at(began_at: datetime) -> datetime:
    """The instant at which it is over, at last."""
    return began_at + LASTS
