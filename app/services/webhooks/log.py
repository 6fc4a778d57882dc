"""VERB: read an endpoint's log: what was sent, how often, and what it answered."""

from __future__ import annotations

from typing import NamedTuple

from app.domain.role import Access
from app.domain.webhook import DeliveryState
from app.services.webhooks.find import find_delivery, find_webhook
from app.store.webhook_deliveries import (
    WebhookAttempt,
    WebhookDelivery,
    attempts_of,
    deliveries_of,
)


class Logged(NamedTuple):
    """A delivery with its attempts, the oldest first."""

    delivery: WebhookDelivery
    attempts: list[WebhookAttempt]


def list_deliveries(
    access: Access,
    webhook_id: int,
    *,
    limit: int,
    before: int | None = None,
    state: DeliveryState | None = None,
    event: str | None = None,
) -> list[WebhookDelivery]:
    """List deliveries, the newest first, those with a lower number than `before`."""
    webhook = find_webhook(access, webhook_id)
    return deliveries_of(webhook.id, limit, before, state, event)


def read_delivery(access: Access, webhook_id: int, delivery_id: int) -> Logged:
    """Show one delivery with each attempt."""
    delivery = find_delivery(access, webhook_id, delivery_id)
    return Logged(delivery, attempts_of([delivery.id]))
