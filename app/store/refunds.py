"""Money that goes back: refunds that we ask for, and disputes that banks open."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    CursorResult,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.payment import FAILED, UNRESOLVED, AttemptState
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.payments import LONGEST_WORDS, PaymentAttempt
from app.store.people import Person

_WAITING = text("due_at IS NOT NULL")


class PaymentRefund(Base):
    """Money to give back of an attempt. `credits` left the pool for it; `given_back` if they came
    back because it was declined. `key` is ours, also where the refund was made elsewhere.
    """

    __tablename__ = "payment_refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_refunds_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(PaymentAttempt.id), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    credits: Mapped[int] = mapped_column(BigInteger)
    given_back: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    state: Mapped[AttemptState] = mapped_column(choice(AttemptState))
    reference: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    asked: Mapped[int] = mapped_column(default=0)

    attempt: Mapped[PaymentAttempt] = relationship(lazy="joined")


class PaymentDispute(Base):
    """A payment that the payer's bank took back, or is about to. `credits` left the pool."""

    __tablename__ = "payment_disputes"
    __table_args__ = (
        UniqueConstraint("provider", "dispute", name="uq_payment_disputes_provider_dispute"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    provider: Mapped[str] = mapped_column(String(60))
    dispute: Mapped[str] = mapped_column(String(255))
    attempt_id: Mapped[int] = mapped_column(ForeignKey(PaymentAttempt.id), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    credits: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    won: Mapped[bool | None]

    attempt: Mapped[PaymentAttempt] = relationship(lazy="joined")


def refund_by_key(key: str, *, lock: bool = False) -> PaymentRefund | None:
    """Find a refund by its key; with `lock`, take it until the transaction ends."""
    statement = select(PaymentRefund).where(PaymentRefund.key == key)
    if lock:
        statement = statement.with_for_update(of=PaymentRefund)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def refund_by_reference(provider: str, reference: str) -> PaymentRefund | None:
    """Find the refund to which a provider gave that name."""
    statement = (
        select(PaymentRefund)
        .join(PaymentAttempt, PaymentAttempt.id == PaymentRefund.attempt_id)
        .where(PaymentAttempt.provider == provider, PaymentRefund.reference == reference)
    )
    return db.session.scalars(statement.order_by(PaymentRefund.id).limit(1)).first()


def refunds_of(attempt_ids: list[int]) -> list[PaymentRefund]:
    """List the refunds of these attempts, in the order in which they were asked for."""
    statement = select(PaymentRefund).where(PaymentRefund.attempt_id.in_(attempt_ids))
    return list(db.session.scalars(statement.order_by(PaymentRefund.id)))


def refunded_amount(attempt_id: int) -> int:
    """Add up what went back of an attempt, or may still."""
    statement = select(func.sum(PaymentRefund.amount)).where(
        PaymentRefund.attempt_id == attempt_id, PaymentRefund.state.not_in(FAILED)
    )
    return int(db.session.scalar(statement) or 0)


def due_refunds(now: datetime, limit: int) -> list[tuple[str, int]]:
    """List the keys of refunds to ask about, with how often that was done."""
    statement = select(PaymentRefund.key, PaymentRefund.asked).where(PaymentRefund.due_at <= now)
    rows = db.session.execute(statement.order_by(PaymentRefund.due_at).limit(limit))
    return [(row[0], row[1]) for row in rows]


def claim_refund(key: str, asked: int, due_at: datetime) -> bool:
    """Take a refund to ask about it, by compare-and-set; False when another process has it."""
    mine = (PaymentRefund.key == key, PaymentRefund.asked == asked)
    change = update(PaymentRefund).where(*mine, PaymentRefund.state.in_(UNRESOLVED))
    result = db.session.execute(change.values(asked=asked + 1, due_at=due_at))
    return cast("CursorResult[Any]", result).rowcount == 1


def dispute_by_name(provider: str, dispute: str) -> PaymentDispute | None:
    """Find a dispute by the provider's name for it, and take it until the transaction ends."""
    statement = select(PaymentDispute).where(
        PaymentDispute.provider == provider, PaymentDispute.dispute == dispute
    )
    return db.session.scalar(statement.with_for_update(of=PaymentDispute))


def disputes_of(attempt_ids: list[int]) -> list[PaymentDispute]:
    """List the disputes of these attempts."""
    statement = select(PaymentDispute).where(PaymentDispute.attempt_id.in_(attempt_ids))
    return list(db.session.scalars(statement.order_by(PaymentDispute.id)))


def latest_disputes(limit: int) -> list[PaymentDispute]:
    """List disputes of the whole installation: the open ones first, then the latest."""
    order = (PaymentDispute.closed_at.is_not(None), PaymentDispute.id.desc())
    return list(db.session.scalars(select(PaymentDispute).order_by(*order).limit(limit)))
