"""VERB: tell those who can mend it that an endpoint was switched off."""

from __future__ import annotations

from datetime import datetime

from app.domain.reference import reference
from app.domain.webhook import OffReason
from app.services.mail.queue_mail import queue_mail
from app.store.accounts import owner_of
from app.store.webhooks import Webhook

WORDS = {
    OffReason.GONE: "It answered 410 Gone, which says that it wants nothing more.",
    OffReason.FAILING: "Nothing has arrived there for three days.",
}


def tell_that_it_is_off(webhook: Webhook, reason: OffReason, now: datetime) -> None:
    """Queue a mail to the owner, inside a running transaction."""
    owner = owner_of(webhook.account_id).person
    queue_mail(
        owner.email,
        "webhook_off",
        now,
        name=owner.name,
        workspace=webhook.account.name,
        slug=webhook.account.slug,
        url=webhook.url,
        why=WORDS[reason],
        webhook=reference("webhook", webhook.id),
    )
