"""DOORS, API: the webhooks of an account."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict
from app.services.credits.caller import Caller
from app.services.webhooks import find, manage, secrets
from app.services.webhooks.offered import offered
from app.web.access import enter
from app.web.api import webhook_shapes as shapes
from app.web.api.bodies import Listed
from app.web.api.cursor import part_of
from app.web.api.operation import Operations
from app.web.outside import webhook_fetch

if TYPE_CHECKING:
    from app.store.webhooks import Webhook

operations = Operations(
    "Webhooks",
    "Programs of yours that are told what happens, signed as Standard Webhooks say "
    "(standardwebhooks.com); for the owner and admins.",
)
ONE = "/accounts/{slug}/webhooks/{webhook_id}"


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


def _number(text: str) -> int:
    return numbers_of("webhook", text, 1)[0]


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
