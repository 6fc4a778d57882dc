"""DOORS, API: what forecasts and statements look like."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app.web.api.credit_shapes import Count, Signed
from app.web.api.shapes import Shape


class Forecast(Shape):
    """When a pool runs out, in about four of five cases between `earliest` and `latest`.

    Without `latest` it may just last until the instant `until`: the renewal, where `renews`.
    """

    outlook: Literal["empty", "too_little", "unused", "runs_out", "may_run_out", "lasts"]
    until: datetime
    renews: bool
    days: Count = Field(description="whole days of history that it rests on")
    daily: float = Field(description="credits that a day uses, on average")
    earliest: date | None
    likely: date | None
    latest: date | None


class StatementPart(Shape):
    """What one member, app or action used."""

    key: str
    name: str
    credits: Signed
    count: Count


class Statement(Shape):
    """A month or a cycle: `opening + granted - used - expired = closing`."""

    account: str
    period: str = Field(examples=["2026-10", "cycle-3"])
    since: datetime
    until: datetime
    is_over: bool
    opening: Count
    granted: Signed
    used: Signed = Field(description="refunds taken off")
    refunded: Count
    expired: Count
    closing: Count
    members: list[StatementPart]
    apps: list[StatementPart]
    actions: list[StatementPart]
