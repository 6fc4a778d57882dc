"""VERB: queue a mail in the transaction of the verb that causes it, so that neither is lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.store.database import add
from app.store.mails import Mail

Link = tuple[str, dict[str, Any]]


def queue_mail(
    recipient: str,
    template: str,
    now: datetime,
    *,
    link: Link | None = None,
    **context: Any,  # noqa: ANN401 - whatever the template shows
) -> None:
    """Queue one mail, inside a running transaction; `link` is a purpose and its claims."""
    queue_mails([mail_of(recipient, template, now, link=link, **context)])


def queue_mails(mails: Iterable[Mail]) -> None:
    """Queue many mails at once, inside a running transaction."""
    add(*mails)


def mail_of(
    recipient: str,
    template: str,
    now: datetime,
    *,
    link: Link | None = None,
    **context: Any,  # noqa: ANN401
) -> Mail:
    """Make a mail that is due at once. The link is kept unsigned, with the instant it is from."""
    values: dict[str, Any] = {key: _plain(value) for key, value in context.items()}
    kept: dict[str, Any] = {"values": values}
    if link is not None:
        purpose, claims = link
        kept["link"] = [purpose, {**claims, "at": int(now.timestamp())}]
    return Mail(recipient=recipient, template=template, context=kept, created_at=now, due_at=now)


def _plain(value: object) -> object:
    return f"{value:%-d %B %Y, %H:%M} UTC" if isinstance(value, datetime) else value
