"""Automatic top-ups, as owners set them; and which pools have come to their threshold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    String,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payment import UNRESOLVED
from app.store.accounts import Account
from app.store.database import Base, Instant, db
from app.store.payments import PaymentAttempt
from app.store.people import Person
from app.store.pools import POOLS

IN_FLIGHT = "auto-top-up"


class AutoTopUp(Base):
    """Buy a pack when fewer than `threshold` credits are left, for at most `cap` in a month.

    `cap` is in the minor unit of the pack's currency. `failures` are those in a row; `retry_at`
    is when it may try again. `stopped_because` says why it switched itself off.
    """

    __tablename__ = "auto_top_ups"
    __table_args__ = (CheckConstraint("threshold > 0 AND cap > 0", name="sizes"),)

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    is_on: Mapped[bool]
    threshold: Mapped[int] = mapped_column(BigInteger)
    pack: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(60))
    cap: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    stopped_because: Mapped[str | None] = mapped_column(String(500))


def auto_top_up(account_id: int, *, lock: bool = False) -> AutoTopUp | None:
    """Find what an owner set; with `lock`, take it until the transaction ends."""
    statement = select(AutoTopUp).where(AutoTopUp.account_id == account_id)
    if lock:
        statement = statement.with_for_update(of=AutoTopUp)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def switch_off(account_id: int, because: str) -> None:
    """Let an account buy nothing by itself any more, for that reason."""
    row = auto_top_up(account_id, lock=True)
    if row is not None and row.is_on:
        row.is_on, row.stopped_because = False, because


def pools_under_threshold(connection: Connection, now: datetime, limit: int) -> list[int]:
    """List the pools that want a top-up: only those that have it switched on are looked at.

    A pool that is due may have less than its row says; that is settled before it is bought for.
    """
    pools = POOLS.c
    flying = exists().where(
        PaymentAttempt.account_id == AutoTopUp.account_id,
        PaymentAttempt.subject == IN_FLIGHT,
        PaymentAttempt.state.in_(UNRESOLVED),
    )
    statement = (
        select(AutoTopUp.account_id)
        .join(POOLS, pools.id == AutoTopUp.account_id)
        .join(Account, Account.id == AutoTopUp.account_id)
        .where(
            AutoTopUp.is_on,
            or_(AutoTopUp.retry_at.is_(None), AutoTopUp.retry_at <= now),
            or_(pools.balance - pools.held < AutoTopUp.threshold, pools.due_at <= now),
            or_(pools.suspends_at.is_(None), pools.suspends_at > now),
            Account.deleted_at.is_(None),
            ~flying,
        )
        .order_by(AutoTopUp.account_id)
        .limit(limit)
    )
    return list(connection.scalars(statement))
