"""DOORS, API: what limits look like, as they are asked for and as they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.domain.limit import LARGEST_LIMIT
from app.web.api.shapes import Page, Shape
from app.web.api.values import Body, Email, Reference

Who = Literal["each_member", "member", "app", "account"]
Effect = Literal["alert", "block"]
Per = Literal["day", "cycle"]
Credits = Annotated[int, Field(strict=True, ge=1, le=LARGEST_LIMIT)]


class NewLimit(Body):
    """A limit to set."""

    who: Who
    effect: Effect
    credits: Credits
    per: Per = Field(description="a UTC day, or the pool's running cycle")
    member: Email | None = Field(None, description="whom it is about, with `who` as `member`")
    app: Reference | None = Field(None, description="with `who` as `app`", examples=["app_12"])


class LimitChange(Body):
    """What to change; what is left out stays."""

    credits: Credits | None = None
    effect: Effect | None = None
    per: Per | None = None


class LimitAnswer(Shape):
    """A limit as it stands now."""

    id: str = Field(examples=["limit_3"])
    who: Who
    member: str | None
    app: str | None
    effect: Effect
    credits: int
    per: Per
    used: int = Field(description="used and held now; of each member's, the one nearest to it")
    left: int
    since: datetime | None = Field(description="when the running day or cycle began")
    resets_at: datetime | None = Field(description="when it begins anew; null when nobody knows")


class LimitPage(Page):
    """Some of an account's limits, the oldest first."""

    items: list[LimitAnswer]
