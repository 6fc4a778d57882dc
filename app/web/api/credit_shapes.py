"""DOORS, API: what answers about credits look like; services answer in these shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.web.api.shapes import Page, Problem, RoleName, Shape

INT_64 = 2**63 - 1
Count = Annotated[int, Field(ge=0, le=INT_64)]
Signed = Annotated[int, Field(ge=-INT_64, le=INT_64)]
Source = Literal["allocation", "top_up", "adjustment"]


class Draw(Shape):
    """How many credits one grant gave (or, in a refund, got back)."""

    grant: str = Field(examples=["grant_3_1"])
    source: Source
    credits: Count
    expires_at: datetime | None


class Deduction(Shape):
    """Credits taken from a pool for one action."""

    id: str = Field(examples=["tx_3_41"])
    seq: Count
    account: str
    member: str | None
    app: str | None
    action: str
    quantity: Count
    credits: Count
    balance_after: Count
    draws: list[Draw]
    at: datetime
    metadata: dict[str, Any]


class BatchLineDone(Shape):
    """A line of a batch that was paid."""

    status: Literal[201]
    deduction: Deduction


class BatchLineRefused(Shape):
    """A line of a batch that was refused."""

    status: Annotated[int, Field(ge=400, le=499)]
    problem: Problem


class Batch(Shape):
    """What became of each line, in order."""

    results: list[BatchLineDone | BatchLineRefused]


class Hold(Shape):
    """Credits set aside for an action that runs; `captured` is what it cost in the end."""

    id: str = Field(examples=["hold_3_7"])
    state: Literal["active", "captured", "released", "expired"]
    account: str
    member: str | None
    app: str | None
    action: str
    quantity: Count
    credits: Count
    captured: Count
    expires_at: datetime
    created_at: datetime
    ended_at: datetime | None
    draws: list[Draw]
    metadata: dict[str, Any]


class Refund(Shape):
    """Credits given back, to the very grants that had paid."""

    id: str
    seq: Count
    account: str
    reverses: str
    credits: Count
    balance_after: Count
    restored: list[Draw]
    reason: str
    at: datetime


class Grant(Shape):
    """One grant and where its credits are: granted = remaining + held + used + expired."""

    id: str
    source: Source
    granted: Count
    remaining: Count
    held: Count
    used: Count
    expired: Count
    effective_at: datetime
    expires_at: datetime | None


class Period(Shape):
    """One cycle of a pool; it renews at `end`."""

    start: datetime
    end: datetime


class Pool(Shape):
    """A pool at one instant, its grants in order of use.

    `renews` and `suspends_at` tell of the present: whether a period follows this one, and from
    when on nobody can spend because the subscription ended.
    """

    account: str
    available: Count
    held: Count
    grants: list[Grant]
    plan: str
    period: Period | None
    low: bool
    renews: bool
    suspends_at: datetime | None


class Context(Shape):
    """One account that the caller can act in; a service token acts as its owner."""

    slug: str
    kind: Literal["personal", "workspace"]
    name: str
    role: RoleName
    available: Count
    held: Count
    low: bool


class Transaction(Shape):
    """One immutable line of the history; `credits` is negative where credits left the pool."""

    id: str
    seq: Count
    kind: Literal["allocation", "top_up", "deduction", "refund", "expiry", "adjustment"]
    account: str
    member: str | None
    member_name: str | None
    app: str | None
    app_name: str | None
    action: str | None
    quantity: int | None
    credits: Signed
    balance_after: Count
    draws: list[Draw]
    at: datetime
    reverses: str | None
    reason: str | None
    metadata: dict[str, Any]


class UsageItem(Shape):
    """What one member, app, action or day used; `share` of the total is between 0 and 1."""

    key: str
    name: str
    credits: Signed
    count: Count
    share: float


class Usage(Shape):
    """Who or what used the pool."""

    items: list[UsageItem]
    total: Signed


class ContextPage(Page):
    """A part of the caller's contexts."""

    items: list[Context]


class TransactionPage(Page):
    """A part of the history, the newest first."""

    items: list[Transaction]
