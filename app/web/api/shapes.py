"""DOORS, API: what answers look like, for the OpenAPI document; services answer in these shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

INT_64 = 2**63 - 1
Count = Annotated[int, Field(ge=0, le=INT_64)]
Signed = Annotated[int, Field(ge=-INT_64, le=INT_64)]
Source = Literal["allocation", "top_up", "adjustment"]
RoleName = Literal["owner", "admin", "member"]


class Shape(BaseModel):
    """Base of all answers: exactly these fields."""

    model_config = ConfigDict(extra="forbid")


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


class Error(Shape):
    """One thing to mend in a request."""

    field: str
    message: str


class Problem(BaseModel):
    """Why something was refused (RFC 9457). Figures that go with the code stand beside these."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: str = Field(description="stable, for programs")
    errors: list[Error] = Field(default=[], description="for bad input: what to mend")


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
    """A pool at one instant, its grants in order of use."""

    account: str
    available: Count
    held: Count
    grants: list[Grant]
    plan: str
    period: Period | None
    low: bool


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


class Workspace(Shape):
    """A workspace; `role` is the caller's; a service token acts as the owner."""

    slug: str
    name: str
    role: RoleName
    created_at: datetime


class Member(Shape):
    """A person in a workspace."""

    email: str
    name: str
    role: RoleName
    joined_at: datetime


class Invitation(Shape):
    """An address that was asked to join."""

    id: str = Field(examples=["invitation_5"])
    email: str
    role: RoleName
    invited_by: str
    state: Literal["open", "expired"]
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


class RefusedAddress(Shape):
    """An address that could not be invited, and why."""

    email: str
    reason: str


class Invited(Shape):
    """Who was invited and who could not be."""

    invited: list[Invitation]
    refused: list[RefusedAddress]


class App(Shape):
    """Something that a team builds; its account pays."""

    id: str = Field(examples=["app_12"])
    account: str
    name: str
    description: str
    created_by: str
    created_at: datetime


class Page(Shape):
    """Base of all lists."""

    next: str | None = Field(description="`cursor` of the next page; null at the end")


class ContextPage(Page):
    """A part of the caller's contexts."""

    items: list[Context]


class TransactionPage(Page):
    """A part of the history, the newest first."""

    items: list[Transaction]


class WorkspacePage(Page):
    """A part of the workspaces."""

    items: list[Workspace]


class MemberPage(Page):
    """A part of the members."""

    items: list[Member]


class InvitationPage(Page):
    """A part of the open invitations, the newest first."""

    items: list[Invitation]


class AppPage(Page):
    """A part of the apps."""

    items: list[App]
