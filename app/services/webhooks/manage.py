"""VERBS: add, change, switch and remove the endpoints of an account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access, Right
from app.domain.webhook import (
    LONGEST_DESCRIPTION,
    LONGEST_URL,
    MOST_WEBHOOKS,
    OffReason,
)
from app.hookspecs import NotFetched
from app.services.audit.note import note
from app.services.fetch_safely import SafeFetch
from app.services.webhooks.find import changing
from app.services.webhooks.offered import read_events
from app.services.webhooks.secrets import new_secret, sealed
from app.services.workspaces.access import present_access
from app.store.database import add, flush, transaction
from app.store.webhook_deliveries import delete_webhook, first_due
from app.store.webhooks import Webhook, webhooks_of


def add_webhook(
    access: Access,
    url: str,
    events: Collection[str],
    description: str,
    now: datetime,
    fetch: SafeFetch,
) -> tuple[Webhook, str]:
    """Add an endpoint; its secret is returned once. It is told of what happens from now on."""
    url, chosen, description = _read_url(url, fetch), read_events(events), _read(description)
    secret = new_secret()
    with transaction():
        account, present = present_access(access, Right.MANAGE_WEBHOOKS)
        if len(webhooks_of(account.id)) >= MOST_WEBHOOKS:
            raise Conflict(f"An account has at most {MOST_WEBHOOKS} webhooks. Remove one first.")
        webhook = Webhook(
            account_id=account.id,
            url=url,
            description=description,
            events=chosen,
            secret="",
            created_at=now,
            created_by_id=present.person_id,
        )
        add(webhook)
        webhook.secret = sealed(webhook.id, secret)
        note("webhook.added", present, now, about=url, after=_shown(webhook))
    return webhook, secret


def edit_webhook(
    access: Access,
    webhook_id: int,
    now: datetime,
    fetch: SafeFetch,
    *,
    url: str | None = None,
    events: Collection[str] | None = None,
    description: str | None = None,
) -> Webhook:
    """Change what is given. What waits for the endpoint goes to the new address, too."""
    url = None if url is None else _read_url(url, fetch)
    chosen = None if events is None else read_events(events)
    with transaction():
        webhook = changing(access, webhook_id)
        before = _shown(webhook)
        webhook.url = webhook.url if url is None else url
        webhook.events = webhook.events if chosen is None else chosen
        webhook.description = webhook.description if description is None else _read(description)
        if before != (after := _shown(webhook)):
            note("webhook.edited", access, now, about=webhook.url, before=before, after=after)
    return webhook


def switch_webhook(access: Access, webhook_id: int, now: datetime, *, on: bool) -> Webhook:
    """Switch an endpoint on or off. What waits goes on when it is on again."""
    with transaction():
        webhook = changing(access, webhook_id)
        if webhook.is_on != on:
            switch_off(webhook, OffReason.BY_HAND, now) if not on else _switch_on(webhook, now)
    return webhook


def switch_off(webhook: Webhook, reason: OffReason, now: datetime) -> None:
    """Switch an endpoint off, inside a transaction that has locked it."""
    webhook.is_on, webhook.off_reason, webhook.off_at = False, reason, now
    flush()
    about = {"reason": reason.value}
    note("webhook.off", webhook.account_id, now, about=webhook.url, after=about)


def remove_webhook(access: Access, webhook_id: int, now: datetime) -> None:
    """Remove an endpoint with its log and all that waits for it."""
    with transaction():
        webhook = changing(access, webhook_id)
        note("webhook.removed", access, now, about=webhook.url, before=_shown(webhook))
        delete_webhook(webhook)


def _switch_on(webhook: Webhook, now: datetime) -> None:
    webhook.is_on, webhook.off_reason, webhook.off_at = True, None, None
    webhook.failures, webhook.failing_since, webhook.rests_until = 0, None, None
    webhook.due_at = first_due(webhook.id)
    flush()
    note("webhook.on", webhook.account_id, now, about=webhook.url)


def _read_url(url: str, fetch: SafeFetch) -> str:
    if len(url) > LONGEST_URL:
        raise InvalidRequest.of("url", f"It is longer than {LONGEST_URL} characters.")
    try:
        fetch.refuse_inside(url.strip())
    except NotFetched as refused:
        raise InvalidRequest.of("url", str(refused)) from None
    return url.strip()


def _read(description: str) -> str:
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        most = f"Use one line of at most {LONGEST_DESCRIPTION} characters."
        raise InvalidRequest.of("description", most)
    return description.strip()


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "events": list(webhook.events),
        "description": webhook.description,
    }
