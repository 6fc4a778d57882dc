"""The money path's tables. Every key leads with the pool, and a pool has its account's id.

They carry no foreign keys: every statement names one pool, so that the schema runs unchanged on
a PostgreSQL that is sharded by pool. CHECKs make a wrong sum impossible even for a bug.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, Index, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.grant import Source
from app.domain.hold import HoldState
from app.domain.transaction import TransactionKind
from app.store.database import Base, Instant, choice, one_of_values

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _key() -> Mapped[int]:
    return mapped_column(BigInteger, primary_key=True, autoincrement=False)


def _partial(name: str, *columns: str, where: str) -> Index:
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class PoolRow(Base):
    """One pool: its totals, its last numbers, its cycle, and when time next changes it.

    `event_count` numbers what observers are told, `shortage` is the worst of the period.
    """

    __tablename__ = "pools"
    __table_args__ = (CheckConstraint("balance >= held AND held >= 0", name="no_overdraft"),)

    id: Mapped[int] = _key()
    seq: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    grant_count: Mapped[int] = mapped_column(BigInteger)
    hold_count: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    plan: Mapped[str | None] = mapped_column(String(40))
    anchor: Mapped[datetime | None] = mapped_column(Instant)
    period_index: Mapped[int] = mapped_column(BigInteger)
    period_number: Mapped[int] = mapped_column(BigInteger)
    period_start: Mapped[datetime | None] = mapped_column(Instant)
    period_end: Mapped[datetime | None] = mapped_column(Instant)
    next_plan: Mapped[str | None] = mapped_column(String(40))
    renews: Mapped[bool]
    suspends_at: Mapped[datetime | None] = mapped_column(Instant)
    event_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    shortage: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class GrantRow(Base):
    """Credits granted together, and where each of them is now."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(
            "granted = remaining + held + used + expired AND remaining >= 0 AND held >= 0"
            " AND used >= 0 AND expired >= 0",
            name="accounted_for",
        ),
        one_of_values("source", Source),
        _partial("ix_grants_open", "pool", "number", where="is_open"),
    )

    pool: Mapped[int] = _key()
    number: Mapped[int] = _key()
    source: Mapped[Source] = mapped_column(choice(Source, guarded=False))
    granted: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    expired: Mapped[int] = mapped_column(BigInteger)
    effective_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    is_open: Mapped[bool]


class HoldRow(Base):
    """Credits set aside for an action. `lasts_us` is the life first asked for, in microseconds."""

    __tablename__ = "holds"
    __table_args__ = (
        one_of_values("state", HoldState),
        _partial("ix_holds_active", "pool", "expires_at", where="state = 'active'"),
    )

    pool: Mapped[int] = _key()
    number: Mapped[int] = _key()
    state: Mapped[HoldState] = mapped_column(choice(HoldState, guarded=False))
    credits: Mapped[int] = mapped_column(BigInteger)
    captured: Mapped[int] = mapped_column(BigInteger)
    draws: Mapped[list[list[int]]] = mapped_column(Json)
    member: Mapped[int | None] = mapped_column(BigInteger)
    app: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    lasts_us: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    seq: Mapped[int | None] = mapped_column(BigInteger)


class TransactionRow(Base):
    """One immutable line of a pool's history. `draws` lists [grant, credits]."""

    __tablename__ = "transactions"
    __table_args__ = (
        one_of_values("kind", TransactionKind),
        _partial("ix_transactions_member", "pool", "member", "seq", where="member IS NOT NULL"),
        _partial("ix_transactions_app", "pool", "app", "seq", where="app IS NOT NULL"),
        _partial("ix_transactions_rare", "pool", "kind", "seq", where="kind <> 'deduction'"),
        _partial("ix_transactions_reverses", "pool", "reverses", where="reverses IS NOT NULL"),
    )

    pool: Mapped[int] = _key()
    seq: Mapped[int] = _key()
    kind: Mapped[TransactionKind] = mapped_column(choice(TransactionKind, guarded=False))
    credits: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    draws: Mapped[list[list[int]]] = mapped_column(Json)
    member: Mapped[int | None] = mapped_column(BigInteger)
    app: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str | None] = mapped_column(String(60))
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any] | None] = mapped_column(Json)
    hold: Mapped[int | None] = mapped_column(BigInteger)
    reverses: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(500))


class UsageRow(Base):
    """What was used per day, member, app and action: added with the deduction itself.

    A refund counts on its own day, as negative credits. 0 stands for no member or no app.
    """

    __tablename__ = "usage"

    pool: Mapped[int] = _key()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    member: Mapped[int] = _key()
    app: Mapped[int] = _key()
    action: Mapped[str] = mapped_column(String(60), primary_key=True)
    credits: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)


class KeyRow(Base):
    """An idempotency key that changed something, kept for a stated time and then purged.

    `transaction` or `hold` says which answer to repeat.
    """

    __tablename__ = "idempotency_keys"

    pool: Mapped[int] = _key()
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    transaction: Mapped[int | None] = mapped_column(BigInteger)
    hold: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PeriodRow(Base):
    """One period of a pool, written when it opened; the key makes that happen once."""

    __tablename__ = "periods"

    pool: Mapped[int] = _key()
    number: Mapped[int] = _key()
    plan: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    granted: Mapped[int] = mapped_column(BigInteger)
    carried: Mapped[int] = mapped_column(BigInteger)
    trimmed: Mapped[int] = mapped_column(BigInteger)


POOLS, GRANTS, HOLDS, TRANSACTIONS, USAGE, KEYS, PERIODS = (
    cast("Table", row.__table__)
    for row in (PoolRow, GrantRow, HoldRow, TransactionRow, UsageRow, KeyRow, PeriodRow)
)

# As the index says it: SQLite takes a partial index only for these very words, not for a parameter.
IS_RARE = text("kind <> 'deduction'")
# Asked for them in order of `seq`, it walks through every line rather than sort a few: sort them.
