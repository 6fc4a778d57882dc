"""DOORS, API: what requests and answers about actions on apps look like."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.domain.action_run import LONGEST_PROMPT
from app.web.api.shapes import Page, Shape
from app.web.api.values import Action, Amount, Body, Email, Query, Reference, _plain_lines

Kind = Literal["generate", "refine", "deploy"]
Prompt = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(_plain_lines)]
LARGEST_NUMBER = 2**31 - 1


class NewAction(Body):
    """What is to be done with an app."""

    kind: Kind
    prompt: Prompt = Field("", description="what is wanted, in your own words; not for `deploy`")
    action: Action | None = Field(
        None,
        description="the size, by the key of its price, such as `generate.standard`; "
        "the one that is suggested when left out",
    )
    runner: Reference | None = Field(None, description="who does it; the first one that can")
    version: int | None = Field(
        None, ge=1, le=LARGEST_NUMBER, description="number of the version to begin with; the last"
    )
    at_most: Amount | None = Field(
        None, description="credits that it may cost; nothing starts that costs more"
    )
    member: Email | None = Field(None, description="for service tokens: who acts; else the owner")


class After(Query):
    """From where progress goes on."""

    after: int = Field(0, ge=0, le=LARGEST_NUMBER, description="number of the last line known")


class ActionAnswer(Shape):
    """An action on an app. `held` credits are set aside for it; `credits` is what it cost."""

    id: str = Field(examples=["action_7"])
    app: str
    account: str = Field(description="slug of the account whose pool pays, whoever owns the app")
    member: str
    kind: Kind
    action: str
    runner: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    prompt: str
    base_version: int | None
    held: int
    credits: int
    hold: str
    transaction: str | None
    version: int | None = Field(description="the version that it made, or put on the web")
    address: str | None = Field(description="where another host put it; null for Coffer's own")
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ActionPage(Page):
    """A part of an app's actions, the newest first."""

    items: list[ActionAnswer]


class StepAnswer(Shape):
    """A line of progress: what it does, a piece of what it writes, or a file that is finished."""

    number: int
    kind: Literal["progress", "piece", "file"]
    text: str
    at: datetime


class ProgressAnswer(Shape):
    """How an action stands, and what it said after the line that was known."""

    action: ActionAnswer
    steps: list[StepAnswer]
    last: int
