"""VERB: tell those who can mend it that an endpoint was switched off."""

from __future__ import annotations

from datetime import datetime

from app.domain.notification import NotificationKind
from app.domain.reference import reference
from app.domain.webhook import OffReason
from app.services.mail.queue_mail import queue_mail
from app.services.notifications.notify import notify_managers
from app.store.accounts import owner_of
from app.store.webhooks import Webhook

MOST_SHOWN = 200
WORDS = {
    OffReason.GONE: "It answered 410 Gone, which says that it wants nothing more.",
    OffReason.FAILING: "Nothing has arrived there for three days.",
}


def tell_that_it_is_off(webhook: Webhook, reason: OffReason, now: datetime) -> None:
    """Queue a mail to the owner and tell all who manage it, inside a running transaction."""
    owner, number = owner_of(webhook.account_id).person, reference("webhook", webhook.id)
    queue_mail(
        owner.email,
        "webhook_off",
        now,
        name=owner.name,
        workspace=webhook.account.name,
        slug=webhook.account.slug,
        url=webhook.url,
        why=WORDS[reason],
        webhook=number,
    )
    notify_managers(
        webhook.account_id,
        NotificationKind.WEBHOOK_OFF,
        now,
        link=f"/accounts/{webhook.account.slug}/webhooks/{number}",
        url=webhook.url[:MOST_SHOWN],
        why=WORDS[reason],
    )
