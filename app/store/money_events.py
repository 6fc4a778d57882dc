"""What happened with money: the history that is only added to, and what providers told, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person

_WAITING = text("taken_at IS NULL")


class PaymentEvent(Base):
    """One line of an account's money history. `by` says who: a person, a provider, or Coffer."""

    __tablename__ = "payment_events"
    __table_args__ = (Index("ix_payment_events_account_id_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    attempt_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class ProviderEventRow(Base):
    """An event that a provider told; its id is unique for ever.

    One that names a payment that is not known yet waits: `taken_at` is empty. `told_at` is when
    the operators were told that it still waits.
    """

    __tablename__ = "provider_events"
    __table_args__ = (
        Index(
            "ix_provider_events_waiting",
            "received_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    provider: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(Instant)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)


def money_events(account_id: int, limit: int, before: int | None = None) -> list[PaymentEvent]:
    """List an account's money history, the latest first."""
    statement = select(PaymentEvent).where(PaymentEvent.account_id == account_id)
    if before is not None:
        statement = statement.where(PaymentEvent.id < before)
    return list(db.session.scalars(statement.order_by(PaymentEvent.id.desc()).limit(limit)))


def events_about(attempt_id: int) -> list[PaymentEvent]:
    """List what happened with one payment, the first thing first."""
    statement = select(PaymentEvent).where(PaymentEvent.attempt_id == attempt_id)
    return list(db.session.scalars(statement.order_by(PaymentEvent.id)))


def provider_event(provider: str, event_id: str, *, lock: bool = False) -> ProviderEventRow | None:
    """Find an event that a provider told."""
    statement = select(ProviderEventRow).where(
        ProviderEventRow.provider == provider, ProviderEventRow.id == event_id
    )
    if lock:
        statement = statement.with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def waiting_events(limit: int) -> list[ProviderEventRow]:
    """List events that wait for what they are about, the oldest first."""
    statement = select(ProviderEventRow).where(ProviderEventRow.taken_at.is_(None))
    return list(db.session.scalars(statement.order_by(ProviderEventRow.received_at).limit(limit)))
