"""Attempts to take money, by a key that was stored before anybody was asked; and who pays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payment import FAILED, UNRESOLVED, AttemptState, Purpose
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person

LONGEST_WORDS = 500
FOR_A_WORKSPACE = "plan-for-a-workspace"
_UNRESOLVED = text("state = 'open' OR state = 'pending' OR state = 'unknown'")
_WAITING = text("due_at IS NOT NULL")


class PaymentAttempt(Base):
    """One try to take money. `subject` is what it is for: at most one is unresolved for each.

    `due_at` is when to ask the provider next, `asked` how often that was done. `retry_at` is when
    a period whose payment failed is tried again. `is_failure` counts towards that. `grant` is
    the pool's grant that came of it. `problem` says why a payment had no effect.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(
            "uq_payment_attempts_unresolved",
            "account_id",
            "subject",
            unique=True,
            sqlite_where=_UNRESOLVED,
            postgresql_where=_UNRESOLVED,
        ),
        Index(
            "ix_payment_attempts_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index("ix_payment_attempts_account_id_id", "account_id", "id"),
        Index("ix_payment_attempts_provider_reference", "provider", "reference"),
        Index("ix_payment_attempts_subscription_id_period", "subscription_id", "period"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    subject: Mapped[str] = mapped_column(String(80))
    provider: Mapped[str] = mapped_column(String(60))
    plan: Mapped[str | None] = mapped_column(String(40))
    subscription_id: Mapped[int | None] = mapped_column(BigInteger)
    period: Mapped[int | None] = mapped_column(BigInteger)
    pack: Mapped[str | None] = mapped_column(String(40))
    credits: Mapped[int] = mapped_column(BigInteger, default=0)
    words: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    present: Mapped[bool]
    return_url: Mapped[str] = mapped_column(Text)
    state: Mapped[AttemptState] = mapped_column(choice(AttemptState))
    reference: Mapped[str | None] = mapped_column(String(255))
    visit: Mapped[str | None] = mapped_column(Text)
    instructions: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(String(LONGEST_WORDS))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    asked: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    is_failure: Mapped[bool] = mapped_column(default=False)
    grant: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(String(LONGEST_WORDS))


def attempt_by_key(key: str, *, lock: bool = False) -> PaymentAttempt | None:
    """Find an attempt by its key; with `lock`, take it until the transaction ends."""
    statement = select(PaymentAttempt).where(PaymentAttempt.key == key)
    if lock:
        statement = statement.with_for_update(of=PaymentAttempt)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def attempt_by_id(attempt_id: int) -> PaymentAttempt:
    """Find an attempt by id."""
    return db.session.get_one(PaymentAttempt, attempt_id)


def attempt_by_reference(provider: str, reference: str) -> PaymentAttempt | None:
    """Find the attempt to which a provider gave that name."""
    statement = select(PaymentAttempt).where(
        PaymentAttempt.provider == provider, PaymentAttempt.reference == reference
    )
    return db.session.scalars(statement.order_by(PaymentAttempt.id).limit(1)).first()


def unresolved_attempt(account_id: int, subject: str) -> PaymentAttempt | None:
    """Find the one attempt for that subject of which the end is not known."""
    statement = select(PaymentAttempt).where(
        PaymentAttempt.account_id == account_id,
        PaymentAttempt.subject == subject,
        PaymentAttempt.state.in_(UNRESOLVED),
    )
    return db.session.scalar(statement)


def unresolved_for_plan(account_id: int) -> list[str]:
    """List the keys of attempts for an account's plan and its periods, of unknown end."""
    statement = select(PaymentAttempt.key).where(
        PaymentAttempt.account_id == account_id,
        PaymentAttempt.purpose.in_([Purpose.PLAN, Purpose.PERIOD]),
        PaymentAttempt.subject != FOR_A_WORKSPACE,
        PaymentAttempt.state.in_(UNRESOLVED),
    )
    return list(db.session.scalars(statement.order_by(PaymentAttempt.id)))


def attempts_of(account_id: int, limit: int, before: int | None = None) -> list[PaymentAttempt]:
    """List an account's attempts, the latest first."""
    statement = select(PaymentAttempt).where(PaymentAttempt.account_id == account_id)
    if before is not None:
        statement = statement.where(PaymentAttempt.id < before)
    return list(db.session.scalars(statement.order_by(PaymentAttempt.id.desc()).limit(limit)))


def latest_attempts(limit: int, before: int | None = None) -> list[PaymentAttempt]:
    """List the attempts of all accounts, the latest first."""
    statement = select(PaymentAttempt)
    if before is not None:
        statement = statement.where(PaymentAttempt.id < before)
    return list(db.session.scalars(statement.order_by(PaymentAttempt.id.desc()).limit(limit)))


def unsettling_attempts(before: datetime, limit: int) -> list[PaymentAttempt]:
    """List attempts whose money had no effect, or of which nothing is known since before then."""
    silent = PaymentAttempt.state.in_([AttemptState.OPEN, AttemptState.UNKNOWN])
    statement = select(PaymentAttempt).where(
        or_(
            PaymentAttempt.problem.is_not(None),
            silent & (PaymentAttempt.created_at <= before) & PaymentAttempt.due_at.is_not(None),
        )
    )
    return list(db.session.scalars(statement.order_by(PaymentAttempt.id.desc()).limit(limit)))


def failures_of(subscription_id: int, period: int) -> tuple[int, datetime | None]:
    """Count the failed tries to get a period paid, and tell when the first was."""
    statement = select(func.count(), func.min(PaymentAttempt.changed_at)).where(
        PaymentAttempt.subscription_id == subscription_id,
        PaymentAttempt.period == period,
        PaymentAttempt.is_failure,
        PaymentAttempt.state.in_(FAILED),
    )
    count, first = db.session.execute(statement).one()
    return count, first


def processed_between(provider: str, since: datetime, until: datetime) -> Sequence[PaymentAttempt]:
    """List a provider's attempts that were processed within the span."""
    statement = select(PaymentAttempt).where(
        PaymentAttempt.provider == provider,
        PaymentAttempt.state == AttemptState.PROCESSED,
        PaymentAttempt.changed_at >= since,
        PaymentAttempt.changed_at < until,
    )
    return db.session.scalars(statement.order_by(PaymentAttempt.id)).all()
