"""VERBS: tell an account's owner, or the operators, what happened with money."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.notification import NotificationKind
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.notifications.notify import notify
from app.store.accounts import account_by_id, owner_of
from app.store.people import operators

FAILURES = ("payment_failed", "payment_past_due", "auto_top_up_stopped")


def tell_owner(
    account_id: int,
    template: str,
    now: datetime,
    **values: Any,  # noqa: ANN401 - whatever the template shows
) -> None:
    """Queue a mail to the one who pays for an account, inside a running transaction."""
    account = account_by_id(account_id)
    assert account is not None
    owner = owner_of(account_id).person
    known: dict[str, Any] = {"name": owner.name, "workspace": account.name, "slug": account.slug}
    queue_mails([mail_of(owner.email, template, now, **known, **values)])
    if template in FAILURES:
        what = {"words": str(values.get("words", "")), "reason": str(values.get("reason", ""))}
        kind = NotificationKind.PAYMENT_FAILED
        notify([owner.id], kind, now, account_id=account_id, **what)


def tell_operators(
    template: str,
    now: datetime,
    **values: Any,  # noqa: ANN401
) -> None:
    """Queue a mail to each operator, inside a running transaction."""
    found = operators()
    queue_mails(mail_of(each.email, template, now, name=each.name, **values) for each in found)
