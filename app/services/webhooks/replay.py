"""VERBS: send a test, and send again what did not arrive, or what did."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access
from app.domain.webhook import TEST, DeliveryState
from app.services.audit.note import note
from app.services.webhooks.fan_out import due, lay_down
from app.services.webhooks.find import changing
from app.services.webhooks.payload import spelled
from app.store.database import flush, transaction
from app.store.webhook_deliveries import WebhookDelivery, delivery_of, wait_again
from app.store.webhooks import Webhook


def send_test(access: Access, webhook_id: int, now: datetime) -> WebhookDelivery:
    """Lay a test down for an endpoint; it goes the way of all others."""
    with transaction():
        webhook = _on(access, webhook_id)
        about = {"account": webhook.account.slug, "message": "This is a test."}
        body, event = spelled(TEST, now, about), f"test_{secrets.token_hex(12)}"
        delivery = lay_down(webhook, event, TEST, body, now, now)
        note("webhook.tested", access, now, about=webhook.url)
    return delivery


def replay(access: Access, webhook_id: int, delivery_id: int, now: datetime) -> WebhookDelivery:
    """Send one event again, under the id that it has, whether it arrived before or not."""
    with transaction():
        webhook = _on(access, webhook_id)
        delivery = delivery_of(webhook.id, delivery_id)
        if delivery is None:
            raise NotFound
        delivery.state, delivery.attempts, delivery.due_at = DeliveryState.WAITING, 0, now
        flush()
        due(webhook, now)
        about = {"event": delivery.event}
        note("webhook.replayed", access, now, about=webhook.url, after=about)
    return delivery


def replay_failed(access: Access, webhook_id: int, since: datetime, now: datetime) -> int:
    """Send all again that was given up and happened since then; returns how many they are."""
    with transaction():
        webhook = _on(access, webhook_id)
        count = wait_again(webhook.id, since, now)
        if count:
            due(webhook, now)
            about = {"since": since.isoformat(), "events": count}
            note("webhook.replayed", access, now, about=webhook.url, after=about)
    return count


def _on(access: Access, webhook_id: int) -> Webhook:
    webhook = changing(access, webhook_id)
    if not webhook.is_on:
        raise Conflict("This webhook is off. Switch it on first.")
    return webhook
