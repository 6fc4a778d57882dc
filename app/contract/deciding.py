"""What deciders are asked, and what they may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Spending:
    """A deduction or hold about to be made, for all of `quantity`.

    `price` is what the catalogue says; `credits` what deciders before this one made of it.
    """

    account: str
    member: str | None
    app: str | None
    action: str
    quantity: int
    price: int
    credits: int
    kind: Literal["deduction", "hold"]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody about to become a member. `role` may be lowered, or raised up to `highest_role`."""

    workspace: str
    email: str
    role: Literal["admin", "member"]
    highest_role: Literal["admin", "member"]


@dataclass(frozen=True, slots=True)
class Allow:
    """Let it happen."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Don't let it happen; `reason` is a sentence for the person who asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Price:
    """Let it happen for so many credits, at least 1, for the whole quantity."""

    credits: int


@dataclass(frozen=True, slots=True)
class JoinAs:
    """Let them join with this role."""

    role: Literal["admin", "member"]
