"""What observers are told: things that happened, committed, each with an id of its own.

An observer may be told of one thing more than once, always with the same `id`; what happened to one
account is told in order. Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What all of them have: `account` is a slug; `id` is the same however often it is told."""

    id: str
    at: datetime
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsDeducted(Happened):
    """Credits left the pool for an action: a deduction, or a hold that was captured."""

    transaction: str
    member: str | None
    app: str | None
    action: str
    credits: int
    balance_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsLow(Happened):
    """What is available fell under 10 credits or 10 % of the plan's allocation."""

    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsExhausted(Happened):
    """Nothing is available any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpired(Happened):
    """A hold timed out: nothing was charged, its credits are available again."""

    hold: str
    member: str | None
    app: str | None
    action: str
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpCompleted(Happened):
    """Credits that were bought entered the pool."""

    transaction: str
    credits: int
    balance_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Happened):
    """Somebody became a member of the workspace."""

    email: str
    role: Literal["owner", "admin", "member"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Happened):
    """Somebody is no member any more: they left, or `removed_by` removed them."""

    email: str
    removed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleClosed(Happened):
    """A period ended, and perhaps another began. Credits are those that moved at the boundary."""

    plan: str
    period_start: datetime
    period_end: datetime
    allocated: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(Happened):
    """A subscription began, changed its plan, fell past due, was restored, cancelled or ended."""

    plan: str
    state: Literal["active", "past_due", "cancelled"]
    provider: str
