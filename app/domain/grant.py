"""Grants: credits that entered a pool together, and the order in which they are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

NEVER = datetime.max.replace(tzinfo=UTC)


class Source(StrEnum):
    """Where the credits of a grant come from."""

    ALLOCATION = "allocation"
    TOP_UP = "top_up"
    ADJUSTMENT = "adjustment"


class Draw(NamedTuple):
    """How many credits one grant gives."""

    grant: int
    credits: int


@dataclass(slots=True)
class Grant:
    """Credits granted together. Always: granted = remaining + held + used + expired.

    `number` counts the pool's grants in the order in which they were granted.
    `expires_at` None means never. `changed` tells whether it is other than it was loaded.
    """

    number: int
    source: Source
    granted: int
    remaining: int
    held: int
    used: int
    expired: int
    effective_at: datetime
    expires_at: datetime | None
    changed: bool = field(default=True, compare=False, repr=False)

    def counts_at(self, now: datetime) -> bool:
        """Expiry is a fact of time, not a job (PRODUCT, The pool, 4)."""
        return self.effective_at <= now and (self.expires_at is None or now < self.expires_at)

    def order_of_use(self) -> tuple[datetime, int]:
        """First to expire, first used; never last; ties in order of granting."""
        return (self.expires_at or NEVER, self.number)

    def is_open(self) -> bool:
        """Tell whether any credit of it may still move."""
        return self.remaining > 0 or self.held > 0

    def is_gone_at(self, now: datetime) -> bool:
        """Tell whether its time is over and nothing of it is left."""
        return not self.is_open() and self.expires_at is not None and self.expires_at <= now

    def is_sound(self) -> bool:
        """Tell whether every credit of it is accounted for."""
        return (
            self.granted == self.remaining + self.held + self.used + self.expired
            and self.remaining >= 0
            and self.held >= 0
            and self.used >= 0
            and self.expired >= 0
        )


def draw(grants: Iterable[Grant], needed: int) -> list[Draw] | None:
    """Choose which grants pay `needed` credits, from grants in order of use.

    None when they can't: there is no overdraft (PRODUCT, The pool, 6).
    """
    draws = []
    for grant in grants:
        if grant.remaining:
            taken = min(grant.remaining, needed)
            draws.append(Draw(grant.number, taken))
            needed -= taken
            if not needed:
                return draws
    return None


def first_of(draws: Iterable[Draw], credits: int) -> list[Draw]:
    """The first `credits` of these draws."""
    part = []
    for grant, available in draws:
        taken = min(available, credits)
        if taken:
            part.append(Draw(grant, taken))
        credits -= taken
    return part


def less(draws: Iterable[Draw], taken: Iterable[Draw]) -> list[Draw]:
    """What is left of these draws when `taken` is taken away."""
    gone: dict[int, int] = {}
    for grant, credits in taken:
        gone[grant] = gone.get(grant, 0) + credits
    rest = ((grant, credits - gone.get(grant, 0)) for grant, credits in draws)
    return [Draw(grant, credits) for grant, credits in rest if credits]
