"""DOORS, API: what was sent to webhooks, what waits, and what is sent again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict
from app.domain.webhook import DeliveryState
from app.services.credits.caller import Caller
from app.services.webhooks import log
from app.services.webhooks import replay as again
from app.web.access import enter
from app.web.api import webhook_shapes as shapes
from app.web.api.cursor import page_of, read_cursor
from app.web.api.operation import Operations
from app.web.api.webhooks import ONE

if TYPE_CHECKING:
    from app.store.webhook_deliveries import WebhookDelivery

operations = Operations(
    "Webhook deliveries", "What was sent to a webhook and what it answered; sent again on demand."
)
DELIVERY = ONE + "/deliveries/{delivery_id}"


@operations.post(ONE + "/test", status=202, answer=shapes.Delivery, refusals=(Conflict,))
def send_test(caller: Caller, slug: str, webhook_id: str, now: datetime) -> dict[str, Any]:
    """Send an event of type `webhook.test`, the way of all others; ask for it to see it arrive."""
    _, access = enter(caller, slug)
    return _delivery(again.send_test(access, _number(webhook_id), now))


@operations.post(ONE + "/replay", status=202, answer=shapes.Replayed, refusals=(Conflict,))
def replay_failed(
    caller: Caller, slug: str, webhook_id: str, body: shapes.ReplayBody, now: datetime
) -> dict[str, Any]:
    """Send all again that was given up and happened since then, each under the id that it has."""
    _, access = enter(caller, slug)
    return {"events": again.replay_failed(access, _number(webhook_id), body.since, now)}


@operations.get(ONE + "/deliveries", answer=shapes.DeliveryPage)
def list_deliveries(
    caller: Caller, slug: str, webhook_id: str, query: shapes.DeliveriesListed
) -> dict[str, Any]:
    """List what was sent to a webhook, and what waits, the newest first."""
    _, access = enter(caller, slug)
    of = f"deliveries {webhook_id} {query.state} {query.event}"
    found = log.list_deliveries(
        access,
        _number(webhook_id),
        limit=query.limit + 1,
        before=read_cursor(of, query.cursor, int),
        state=DeliveryState(query.state) if query.state else None,
        event=query.event,
    )
    return page_of([(one.id, _delivery(one)) for one in found], of, query)


@operations.get(DELIVERY, answer=shapes.WholeDelivery)
def show_delivery(caller: Caller, slug: str, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Show what is sent, each attempt, and what was answered."""
    _, access = enter(caller, slug)
    found = log.read_delivery(access, _number(webhook_id), _number(delivery_id, "delivery"))
    tries = [
        {
            "at": one.at,
            "status": one.status,
            "milliseconds": one.milliseconds,
            "answer": one.answer,
            "error": one.error,
        }
        for one in found.attempts
    ]
    return {**_delivery(found.delivery), "body": found.delivery.body, "tries": tries}


@operations.post(DELIVERY + "/replay", status=202, answer=shapes.Delivery, refusals=(Conflict,))
def replay_delivery(
    caller: Caller, slug: str, webhook_id: str, delivery_id: str, now: datetime
) -> dict[str, Any]:
    """Send one event again, under the id that it has, whether it arrived before or not."""
    _, access = enter(caller, slug)
    number = _number(delivery_id, "delivery")
    return _delivery(again.replay(access, _number(webhook_id), number, now))


def _number(text: str, kind: str = "webhook") -> int:
    return numbers_of(kind, text, 1)[0]


def _delivery(one: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": reference("delivery", one.id),
        "event": one.event,
        "type": one.type,
        "state": one.state,
        "at": one.at,
        "attempts": one.attempts,
        "status": one.status,
        "tried_at": one.tried_at,
        "next_at": one.due_at,
    }
