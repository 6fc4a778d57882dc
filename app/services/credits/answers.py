"""What the credit verbs answer: frozen values in the words and references that people see.

Credits are whole numbers; instants are in UTC; accounts are named by slug, members by e-mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A verb's answer; `replayed` when the idempotency key had been answered before."""

    value: T
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class DrawView:
    """How many credits one grant gave (or, in a refund, got back)."""

    grant: str
    source: str
    credits: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deduction:
    """Credits taken from a pool for one action."""

    id: str
    seq: int
    account: str
    member: str | None
    app: str | None
    action: str
    quantity: int
    credits: int
    balance_after: int
    draws: list[DrawView]
    at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HoldView:
    """Credits set aside for an action that runs; `captured` is what it cost in the end."""

    id: str
    state: str
    account: str
    member: str | None
    app: str | None
    action: str
    quantity: int
    credits: int
    captured: int
    expires_at: datetime
    created_at: datetime
    ended_at: datetime | None
    draws: list[DrawView]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refund:
    """Credits given back, to the very grants that had paid."""

    id: str
    seq: int
    account: str
    reverses: str
    credits: int
    balance_after: int
    restored: list[DrawView]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant and where its credits are: granted = remaining + held + used + expired."""

    id: str
    source: str
    granted: int
    remaining: int
    held: int
    used: int
    expired: int
    effective_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Period:
    """One cycle of a pool; it renews at `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool at one instant: what can be spent, what is held, and the grants in order of use.

    Of the present, `renews` tells whether a period follows this one, and `suspends_at` from when
    on nobody can spend because the subscription ended.
    """

    account: str
    available: int
    held: int
    grants: list[GrantView]
    plan: str
    period: Period | None
    low: bool
    renews: bool = True
    suspends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContextView:
    """One account that a person can act in, with what its pool can pay."""

    slug: str
    kind: str
    name: str
    role: str
    available: int
    held: int
    low: bool


@dataclass(frozen=True, slots=True)
class TransactionView:
    """One immutable line of the history; `credits` is negative where credits left the pool."""

    id: str
    seq: int
    kind: str
    account: str
    member: str | None
    member_name: str | None
    app: str | None
    app_name: str | None
    action: str | None
    quantity: int | None
    credits: int
    balance_after: int
    draws: list[DrawView]
    at: datetime
    reverses: str | None
    reason: str | None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageItem:
    """One bar of the usage report; `share` of the total is between 0 and 1."""

    key: str
    name: str
    credits: int
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class UsageView:
    """Who or what used the pool in a range of days."""

    items: list[UsageItem]
    total: int
