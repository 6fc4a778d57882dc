"""Webhooks: the endpoints that an account wants told what happens, and how they fare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import JSON, Connection, CursorResult, ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.webhook import LONGEST_DESCRIPTION, LONGEST_URL, OffReason
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class Webhook(Base):
    """An endpoint and the types of events that it is told of. Secrets are sealed.

    `former_secret` signs, too, until `former_until`. `due_at` is when the first thing that waits
    for it is due; whoever serves it takes it until `rests_until`, counted by `turn`. `failures`
    are those in a row, since `failing_since`.
    """

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    description: Mapped[str] = mapped_column(String(LONGEST_DESCRIPTION))
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    is_on: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[OffReason | None] = mapped_column(choice(OffReason))
    off_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    rests_until: Mapped[datetime | None] = mapped_column(Instant)
    turn: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    arrived_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")
    created_by: Mapped[Person] = relationship(lazy="joined")


Wishes = Mapping[str, frozenset[int]]


class DueWebhook(NamedTuple):
    """An endpoint for which something is due."""

    id: int
    account_id: int
    turn: int
    failures: int


def read_wishes(connection: Connection) -> Wishes:
    """Tell which accounts want which types of events told."""
    wishes: dict[str, set[int]] = defaultdict(set)
    statement = select(Webhook.account_id, Webhook.events).where(Webhook.is_on)
    for account_id, events in connection.execute(statement):
        for event in events:
            wishes[event].add(account_id)
    return {event: frozenset(accounts) for event, accounts in wishes.items()}


def webhooks_of(account_id: int) -> list[Webhook]:
    """List an account's endpoints, the oldest first."""
    statement = select(Webhook).where(Webhook.account_id == account_id)
    return list(db.session.scalars(statement.order_by(Webhook.id)))


def webhook_of(account_id: int, webhook_id: int) -> Webhook | None:
    """Find an endpoint of an account."""
    statement = select(Webhook).where(Webhook.account_id == account_id, Webhook.id == webhook_id)
    return db.session.scalar(statement)


def webhook_by_id(webhook_id: int) -> Webhook | None:
    """Find an endpoint."""
    return db.session.get(Webhook, webhook_id)


def lock_webhooks_on(account_id: int) -> list[Webhook]:
    """Take the rows of an account's endpoints that are on, so that what is due is agreed upon."""
    statement = select(Webhook).where(Webhook.account_id == account_id, Webhook.is_on)
    return list(db.session.scalars(statement.order_by(Webhook.id).with_for_update(of=Webhook)))


def lock_webhook(webhook_id: int) -> Webhook | None:
    """Take an endpoint's row until the transaction ends."""
    statement = select(Webhook).where(Webhook.id == webhook_id)
    return db.session.scalar(statement.with_for_update(of=Webhook))


def due_webhooks(connection: Connection, now: datetime, limit: int) -> list[DueWebhook]:
    """List endpoints that can be told something now, the longest due first."""
    statement = (
        select(Webhook.id, Webhook.account_id, Webhook.turn, Webhook.failures)
        .join(Account, Account.id == Webhook.account_id)
        .where(Webhook.due_at <= now, Webhook.is_on, Account.deleted_at.is_(None))
        .where(Webhook.rests_until.is_(None) | (Webhook.rests_until <= now))
        .order_by(Webhook.due_at, Webhook.id)
        .limit(limit)
    )
    return [DueWebhook(*row) for row in connection.execute(statement)]


def take_webhook(webhook_id: int, turn: int, until: datetime) -> bool:
    """Take an endpoint to serve it, by compare-and-set; False when another process has it."""
    mine = update(Webhook).where(Webhook.id == webhook_id, Webhook.turn == turn, Webhook.is_on)
    taken = db.session.execute(
        mine.values(turn=turn + 1, rests_until=until).execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[Any]", taken).rowcount == 1)


def note_standing(webhook_id: int, **standing: object) -> None:
    """Note how an endpoint fares. This is no change of what anybody decided."""
    statement = update(Webhook).where(Webhook.id == webhook_id).values(**standing)
    db.session.execute(statement.execution_options(synchronize_session=False))
