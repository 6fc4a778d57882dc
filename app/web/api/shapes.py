"""DOORS, API: what all answers are made of, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

RoleName = Literal["owner", "admin", "member"]


class Shape(BaseModel):
    """Base of all answers: exactly these fields."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Page(Shape):
    """Base of all lists."""

    next: str | None = Field(description="`cursor` of the next page; null at the end")


class Error(Shape):
    """One thing to mend in a request."""

    field: str
    message: str


class Problem(BaseModel):
    """Why something was refused (RFC 9457). Figures that go with the code stand beside these.

    `limit_reached` has `limit` (`id`, `who`, `member`, `app`, `per`, `credits`), what is `left` of
    it and what was `needed`, `resets_at`, and the addresses of `who_can_raise` it.
    `insufficient_credits` has `available`, `needed`, `renews_at` and `who_can_top_up`.
    """

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: str = Field(description="stable, for programs")
    errors: list[Error] = Field(default=[], description="for bad input: what to mend")
