"""VERB: take what happened out of the outbox and lay it down for each endpoint that wants it.

The outbox gives each event at least once and in order for each account. An endpoint has one
delivery of an event, however often it is given: the event's id is unique with it.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.webhook import DeliveryState, type_of
from app.services.directory import directory, looked_up
from app.services.outbox.hand_out import Clock, hand_out
from app.services.outbox.wanted import WEBHOOKS
from app.services.plugins.event import event_id
from app.services.webhooks.payload import body_of, is_told
from app.store.database import transaction
from app.store.outbox import Message
from app.store.webhook_deliveries import WebhookDelivery, has_event, keep
from app.store.webhooks import Webhook, lock_webhooks_on, note_standing


def fan_out(clock: Clock) -> int:
    """Lay down what is due, for at most a few seconds; returns how many events were taken."""
    directory().fresh(clock())
    return hand_out(Endpoints(), clock)


class Endpoints:
    """All endpoints of all accounts, as one consumer of the outbox."""

    name = WEBHOOKS

    def listens(self, _now: datetime) -> bool:
        """Laying down takes no outside call: it can always be done."""
        return True

    def take(self, message: Message, now: datetime) -> str | None:
        """Write a delivery for each endpoint of the account that wants such events."""
        if is_told(message.topic):
            body = looked_up(lambda view: body_of(view, message), now)
            _lay_down(message, body, now)
        return None


def _lay_down(message: Message, body: str, now: datetime) -> None:
    event, kind = event_id(message), type_of(message.topic)
    with transaction():
        for webhook in lock_webhooks_on(message.pool):
            if kind in webhook.events and not has_event(webhook.id, event):
                lay_down(webhook, event, kind, body, message.at, now)


def lay_down(
    webhook: Webhook, event: str, kind: str, body: str, at: datetime, now: datetime
) -> WebhookDelivery:
    """Write a delivery that is due, inside a transaction that has locked the endpoint."""
    delivery = WebhookDelivery(
        webhook_id=webhook.id,
        event=event,
        type=kind,
        body=body,
        at=at,
        created_at=now,
        state=DeliveryState.WAITING,
        due_at=now,
    )
    keep(delivery)
    due(webhook, now)
    return delivery


def due(webhook: Webhook, now: datetime) -> None:
    """Let an endpoint be served now, unless it was to be anyway, inside such a transaction."""
    if webhook.due_at is None or webhook.due_at > now:
        note_standing(webhook.id, due_at=now)
