"""VERBS: a person's notifications, how many are unread, and that they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.notification import NotificationKind
from app.domain.refusals import NotFound
from app.store import notifications as store
from app.store.accounts import AccountKind
from app.store.database import transaction

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class NotificationView:
    """One notification; `slug` and `name` are those that its account has now, if it is there.

    `is_own` tells that it is the person's own account.
    """

    id: int
    kind: NotificationKind
    slug: str | None
    name: str
    facts: dict[str, Any]
    link: str | None
    at: datetime
    is_read: bool
    is_own: bool


def inbox(person_id: int, limit: int, before: int | None = None) -> list[NotificationView]:
    """List what a person was told, the newest first."""
    return [_view(row) for row in store.notifications_of(person_id, limit, before)]


def count_unread(person_id: int) -> int:
    """Count what a person has not read; 100 stands for that or more."""
    return store.count_unread(person_id, MOST_COUNTED)


def read_one(person_id: int, number: int, now: datetime) -> NotificationView:
    """Note that a person read one of theirs; `NotFound` when it isn't there."""
    with transaction():
        row = store.notification_of(person_id, number)
        if row is None:
            raise NotFound("There is no such notification; it may have been too old.")
        row.read_at = row.read_at or now
    return _view(row)


def read_all(person_id: int, until: int, now: datetime) -> None:
    """Note that a person read all up to that one: what came since stays unread."""
    with transaction():
        store.read_all(person_id, until, now)


def _view(row: store.Notification) -> NotificationView:
    account = row.account
    is_there = account is not None and account.deleted_at is None
    return NotificationView(
        row.id,
        row.kind,
        account.slug if account is not None and is_there else None,
        account.name if account is not None else "",
        row.facts,
        row.link,
        row.at,
        row.read_at is not None,
        account is not None and account.kind is AccountKind.PERSONAL,
    )
