"""DOORS, API: the webhooks of an account."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict
from app.domain.webhook import DeliveryState
from app.services.credits.caller import Caller
from app.services.webhooks import find, log, manage, secrets
from app.services.webhooks import replay as again
from app.services.webhooks.offered import offered
from app.web.access import enter
from app.web.api import webhook_shapes as shapes
from app.web.api.bodies import Listed
from app.web.api.cursor import page_of, part_of, read_cursor
from app.web.api.operation import Operations
from app.web.outside import webhook_fetch

if TYPE_CHECKING:
    from app.store.webhook_deliveries import WebhookDelivery
    from app.store.webhooks import Webhook

operations = Operations(
    "Webhooks",
    "Programs of yours that are told what happens, signed as Standard Webhooks say "
    "(standardwebhooks.com); for the owner and admins.",
)
ONE = "/accounts/{slug}/webhooks/{webhook_id}"
DELIVERY = ONE + "/deliveries/{delivery_id}"


@operations.get("/accounts/{slug}/webhooks", answer=shapes.WebhookPage)
def list_webhooks(caller: Caller, slug: str, query: Listed) -> dict[str, Any]:
    """List an account's webhooks."""
    account, access = enter(caller, slug)
    found = [_shown(one) for one in find.list_webhooks(access)]
    return part_of(found, f"webhooks {account.id}", query)


@operations.post(
    "/accounts/{slug}/webhooks", status=201, answer=shapes.SecretWebhook, refusals=(Conflict,)
)
def add_webhook(
    caller: Caller, slug: str, body: shapes.NewWebhook, now: datetime
) -> dict[str, Any]:
    """Add a webhook. It is told of what happens from now on; its secret is shown this once."""
    _, access = enter(caller, slug)
    events = body.events or [event.name for event in offered() if event.at_first]
    made, secret = manage.add_webhook(
        access, body.url, events, body.description, now, webhook_fetch()
    )
    return {**_shown(made), "secret": secret}


@operations.get(ONE, answer=shapes.Webhook)
def show_webhook(caller: Caller, slug: str, webhook_id: str) -> dict[str, Any]:
    """Show a webhook."""
    _, access = enter(caller, slug)
    return _shown(find.find_webhook(access, _number(webhook_id)))


@operations.patch(ONE, answer=shapes.Webhook)
def change_webhook(
    caller: Caller, slug: str, webhook_id: str, body: shapes.WebhookChange, now: datetime
) -> dict[str, Any]:
    """Change a webhook, or switch it on or off. What waits for it goes to the new address."""
    _, access = enter(caller, slug)
    number, given = _number(webhook_id), body.model_dump(exclude_none=True)
    on = given.pop("on", None)
    one = manage.edit_webhook(access, number, now, webhook_fetch(), **given)
    if on is not None:
        one = manage.switch_webhook(access, number, now, on=on)
    return _shown(one)


@operations.delete(ONE, status=204)
def remove_webhook(caller: Caller, slug: str, webhook_id: str, now: datetime) -> None:
    """Remove a webhook, with its log and all that waits for it."""
    _, access = enter(caller, slug)
    manage.remove_webhook(access, _number(webhook_id), now)


@operations.post(ONE + "/rotate", answer=shapes.SecretWebhook)
def rotate_webhook(caller: Caller, slug: str, webhook_id: str, now: datetime) -> dict[str, Any]:
    """Make a new secret, shown this once. For 24 hours the present one signs beside it."""
    _, access = enter(caller, slug)
    one, secret = secrets.rotate_secret(access, _number(webhook_id), now)
    return {**_shown(one), "secret": secret}


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


def _shown(one: Webhook) -> dict[str, Any]:
    return {
        "id": reference("webhook", one.id),
        "url": one.url,
        "events": one.events,
        "description": one.description,
        "on": one.is_on,
        "off_reason": one.off_reason,
        "failing_since": one.failing_since,
        "arrived_at": one.arrived_at,
        "created_at": one.created_at,
    }


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
