"""VERB: note what came of an attempt: tried again later, arrived, given up, or switched off."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from app.domain.webhook import (
    FAILING_FOR,
    Attempt,
    DeliveryState,
    OffReason,
    rest_after,
    wait_after,
)
from app.services.webhooks.manage import switch_off
from app.services.webhooks.tell_owner import tell_that_it_is_off
from app.store.database import flush, transaction
from app.store.webhook_deliveries import (
    WebhookAttempt,
    WebhookDelivery,
    delivery_of,
    first_due,
    keep,
)
from app.store.webhooks import Webhook, lock_webhook, note_standing


def record(
    webhook_id: int, delivery_id: int, attempt: Attempt, now: datetime, turn: int, until: datetime
) -> bool:
    """Note an attempt; tells whether whoever has that turn may go on, until that instant."""
    with transaction():
        webhook = lock_webhook(webhook_id)
        delivery = delivery_of(webhook_id, delivery_id) if webhook is not None else None
        if webhook is None or delivery is None:
            return False
        _note_attempt(delivery, attempt, now)
        standing = _arrived(now) if attempt.arrived else _failed(webhook, now)
        flush()
        mine = webhook.turn == turn
        if mine and attempt.arrived:
            standing["rests_until"] = until
        elif not mine:
            standing.pop("rests_until", None)
        note_standing(webhook_id, **standing, due_at=first_due(webhook_id))
        reason = _reason_to_switch_off(webhook, delivery, attempt, now)
        if reason is not None and webhook.is_on:
            switch_off(webhook, reason, now)
            tell_that_it_is_off(webhook, reason, now)
    return mine and attempt.arrived and reason is None


def give_back(webhook_id: int, turn: int, now: datetime) -> None:
    """Let others serve an endpoint, in its turn after those that wait longer."""
    with transaction():
        webhook = lock_webhook(webhook_id)
        if webhook is not None and webhook.turn == turn:
            first = first_due(webhook_id)
            due_at = max(first, now) if first else None
            note_standing(webhook_id, rests_until=None, due_at=due_at)


def _note_attempt(delivery: WebhookDelivery, attempt: Attempt, now: datetime) -> None:
    keep(
        WebhookAttempt(
            delivery_id=delivery.id,
            at=now,
            status=attempt.status,
            milliseconds=attempt.milliseconds,
            answer=attempt.answer,
            error=attempt.error,
        )
    )
    delivery.tried_at, delivery.status = now, attempt.status
    if attempt.arrived:
        delivery.state, delivery.due_at = DeliveryState.DELIVERED, None
    elif delivery.state is DeliveryState.WAITING:
        delivery.attempts += 1
        wait = wait_after(delivery.attempts, random.random())  # noqa: S311 - it only spreads load
        delivery.due_at = now + wait if wait else None
        delivery.state = DeliveryState.WAITING if wait else DeliveryState.FAILED


def _arrived(now: datetime) -> dict[str, Any]:
    return {"failures": 0, "failing_since": None, "arrived_at": now}


def _failed(webhook: Webhook, now: datetime) -> dict[str, Any]:
    failures = webhook.failures + 1
    return {
        "failures": failures,
        "failing_since": webhook.failing_since or now,
        "rests_until": now + rest_after(failures),
    }


def _reason_to_switch_off(
    webhook: Webhook, delivery: WebhookDelivery, attempt: Attempt, now: datetime
) -> OffReason | None:
    if attempt.is_gone:
        return OffReason.GONE
    since = webhook.failing_since
    failing = since is not None and now - since >= FAILING_FOR and not attempt.arrived
    return OffReason.FAILING if failing and delivery.state is DeliveryState.FAILED else None
