"""VERBS: find an endpoint of an account, to read it or, under the account's lock, to change it."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.workspaces.access import present_access
from app.store.webhook_deliveries import WebhookDelivery, count_deliveries, delivery_of
from app.store.webhooks import Webhook, lock_webhook, webhook_of, webhooks_of


def list_webhooks(access: Access) -> list[Webhook]:
    """List an account's endpoints, the oldest first."""
    access.require(Right.MANAGE_WEBHOOKS)
    return webhooks_of(access.account_id)


def find_webhook(access: Access, webhook_id: int) -> Webhook:
    """Find an endpoint; `NotFound` for one of another account."""
    access.require(Right.MANAGE_WEBHOOKS)
    webhook = webhook_of(access.account_id, webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def find_delivery(access: Access, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    """Find a delivery to an endpoint."""
    delivery = delivery_of(find_webhook(access, webhook_id).id, delivery_id)
    if delivery is None:
        raise NotFound
    return delivery


def counts(access: Access, webhook_id: int) -> dict[str, int]:
    """Count an endpoint's deliveries by state."""
    found = count_deliveries(find_webhook(access, webhook_id).id)
    return {state.value: count for state, count in found.items()}


def changing(access: Access, webhook_id: int) -> Webhook:
    """Lock an endpoint, inside a transaction, for somebody who may still change it."""
    present_access(access, Right.MANAGE_WEBHOOKS)
    webhook = lock_webhook(webhook_id)
    if webhook is None or webhook.account_id != access.account_id:
        raise NotFound
    return webhook
