"""DOORS, API: what requests and answers about webhooks look like."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.domain.webhook import LONGEST_DESCRIPTION, LONGEST_URL
from app.web.api.bodies import Listed
from app.web.api.shapes import Page, Shape
from app.web.api.values import Body, Instant, Line

Url = Annotated[
    Line,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        examples=["https://hooks.example.com/coffer"],
        description="https, at a public address",
    ),
]
Events = Annotated[
    list[Annotated[Line, Field(max_length=60)]],
    Field(min_length=1, max_length=100, examples=[["credits.low", "member.joined"]]),
]
Description = Annotated[Line, Field(max_length=LONGEST_DESCRIPTION)]


class NewWebhook(Body):
    """An endpoint to add."""

    url: Url
    events: Events | None = Field(
        None, description="types of events; all but `deduction.created` and `hold.expired` if none"
    )
    description: Description = ""


class WebhookChange(Body):
    """What shall be different."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    on: bool | None = Field(None, description="false to send nothing until it is true again")

    @model_validator(mode="after")
    def _says_something(self) -> WebhookChange:
        if not self.model_fields_set:
            raise ValueError("send at least one of url, events, description, on")
        return self


class ReplayBody(Body):
    """From when on what was given up is sent again."""

    since: Instant = Field(
        strict=False, description="the first instant that counts, of the event itself"
    )


class DeliveriesListed(Listed):
    """Which deliveries."""

    state: Literal["waiting", "delivered", "failed"] | None = None
    event: Annotated[Line, Field(max_length=60)] | None = Field(
        None, description="a type of event", examples=["credits.low"]
    )


class Webhook(Shape):
    """An endpoint that is told what happens, signed as Standard Webhooks say."""

    id: str = Field(examples=["webhook_5"])
    url: str
    events: list[str]
    description: str
    on: bool
    off_reason: Literal["by_hand", "gone", "failing"] | None
    failing_since: datetime | None
    arrived_at: datetime | None = Field(description="when something arrived there last")
    created_at: datetime


class SecretWebhook(Webhook):
    """An endpoint with its secret, which is shown this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Delivery(Shape):
    """One event for one endpoint."""

    id: str = Field(examples=["delivery_17"])
    event: str = Field(description="its `webhook-id`, however often it is sent")
    type: str
    state: Literal["waiting", "delivered", "failed"]
    at: datetime = Field(description="when it happened")
    attempts: int = Field(description="that failed since it was first or last demanded")
    status: int | None = Field(description="of the latest answer")
    tried_at: datetime | None
    next_at: datetime | None = Field(description="when it is tried next")


class Attempt(Shape):
    """One attempt and what came of it."""

    at: datetime
    status: int | None
    milliseconds: int
    answer: str = Field(description="the first kilobyte of it")
    error: str | None


class WholeDelivery(Delivery):
    """A delivery with what is sent, and each attempt."""

    body: str = Field(description="the JSON text that is signed and sent")
    tries: list[Attempt]


class Replayed(Shape):
    """How many events are sent again."""

    events: int


class WebhookPage(Page):
    """A part of the endpoints, the oldest first."""

    items: list[Webhook]


class DeliveryPage(Page):
    """A part of the deliveries, the newest first."""

    items: list[Delivery]
