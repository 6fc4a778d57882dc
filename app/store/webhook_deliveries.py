"""Deliveries: one event for one endpoint, with its text, and each attempt to bring it there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    ForeignKey,
    Index,
    String,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.webhook import KEPT_OF_ANSWER, LONGEST_ERROR, DeliveryState
from app.store.database import Base, BigKey, Instant, add, choice, db
from app.store.webhooks import Webhook

IS_WAITING = text("state = 'waiting'")


class WebhookDelivery(Base):
    """An event for an endpoint: `event` is its id for ever, `body` is sent as it stands here.

    `attempts` are those that failed since it last began; a replay begins anew. `due_at` is when
    the next one is made, while it waits.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("uq_webhook_deliveries_event", "webhook_id", "event", unique=True),
        Index("ix_webhook_deliveries_log", "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "due_at",
            sqlite_where=IS_WAITING,
            postgresql_where=IS_WAITING,
        ),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey(Webhook.id))
    event: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[int | None]


class WebhookAttempt(Base):
    """One attempt: the status and the beginning of the answer, or why none came."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey(WebhookDelivery.id, ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[int | None]
    milliseconds: Mapped[int]
    answer: Mapped[str] = mapped_column(String(KEPT_OF_ANSWER))
    error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))


def has_event(webhook_id: int, event: str) -> bool:
    """Tell whether an endpoint has a delivery of that event."""
    mine = WebhookDelivery.webhook_id == webhook_id
    found = select(WebhookDelivery.id).where(mine, WebhookDelivery.event == event)
    return db.session.scalar(found) is not None


class NextDelivery(NamedTuple):
    """What an endpoint is to be told now: the oldest event that is due. Secrets are sealed."""

    webhook_id: int
    url: str
    secret: str
    former_secret: str | None
    former_until: datetime | None
    delivery_id: int
    event: str
    body: str


def next_delivery(
    connection: Connection, webhook_id: int, turn: int, now: datetime
) -> NextDelivery | None:
    """Find what an endpoint is to be told, unless its turn is over or it was switched off."""
    sealed = (Webhook.secret, Webhook.former_secret, Webhook.former_until)
    said = (WebhookDelivery.id, WebhookDelivery.event, WebhookDelivery.body)
    statement = (
        select(Webhook.id, Webhook.url, *sealed, *said)
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .where(Webhook.id == webhook_id, Webhook.turn == turn, Webhook.is_on)
        .where(IS_WAITING, WebhookDelivery.due_at <= now)
        .order_by(WebhookDelivery.id)
        .limit(1)
    )
    row = connection.execute(statement).first()
    return NextDelivery(*row) if row else None


def first_due(webhook_id: int) -> datetime | None:
    """Tell when the first event that waits for an endpoint is due."""
    waiting = _waiting(webhook_id).with_only_columns(func.min(WebhookDelivery.due_at))
    found: datetime | None = db.session.scalar(waiting)
    return found


def delivery_of(webhook_id: int, delivery_id: int) -> WebhookDelivery | None:
    """Find a delivery to an endpoint."""
    mine = WebhookDelivery.webhook_id == webhook_id
    return db.session.scalar(select(WebhookDelivery).where(mine, WebhookDelivery.id == delivery_id))


def deliveries_of(
    webhook_id: int,
    limit: int,
    before: int | None,
    state: DeliveryState | None,
    event: str | None,
) -> list[WebhookDelivery]:
    """List an endpoint's deliveries, the newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if before is not None:
        statement = statement.where(WebhookDelivery.id < before)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    if event is not None:
        statement = statement.where(WebhookDelivery.type == event)
    return list(db.session.scalars(statement.order_by(WebhookDelivery.id.desc()).limit(limit)))


def count_deliveries(webhook_id: int) -> dict[DeliveryState, int]:
    """Count an endpoint's deliveries by state."""
    counted = select(WebhookDelivery.state, func.count())
    mine = counted.where(WebhookDelivery.webhook_id == webhook_id).group_by(WebhookDelivery.state)
    return {row[0]: row[1] for row in db.session.execute(mine)}


def attempts_of(delivery_ids: Iterable[int]) -> list[WebhookAttempt]:
    """List the attempts of deliveries, the oldest first."""
    these = WebhookAttempt.delivery_id.in_(list(delivery_ids))
    return list(db.session.scalars(select(WebhookAttempt).where(these).order_by(WebhookAttempt.id)))


def wait_again(webhook_id: int, since: datetime, now: datetime) -> int:
    """Let all wait again that was given up and happened since then; returns how many."""
    failed = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == DeliveryState.FAILED,
        WebhookDelivery.at >= since,
    )
    again = failed.values(state=DeliveryState.WAITING, attempts=0, due_at=now)
    done = db.session.execute(again.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


def keep(*rows: WebhookDelivery | WebhookAttempt) -> None:
    """Write new rows; `UniqueTaken` when an endpoint has a delivery of that event."""
    add(*rows)


def delete_webhook(webhook: Webhook) -> None:
    """Delete an endpoint with all that is known of its deliveries."""
    mine = WebhookDelivery.webhook_id == webhook.id
    db.session.execute(delete(WebhookDelivery).where(mine))
    db.session.delete(webhook)


def delete_deliveries_before(instant: datetime) -> None:
    """Forget deliveries that are older, with their attempts, also those that still wait."""
    db.session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < instant))


def _waiting(webhook_id: int) -> Any:  # noqa: ANN401 - a SQL statement
    mine = WebhookDelivery.webhook_id == webhook_id
    return select(WebhookDelivery).where(mine, IS_WAITING)
