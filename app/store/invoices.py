"""Invoices: their rows, which never change, and the counters that number them without gaps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.invoice import InvoiceKind, number_of
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, add, choice, db


class InvoiceSeries(Base):
    """A series of numbers and the last one that was given."""

    __tablename__ = "invoice_series"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class InvoiceRow(Base):
    """One invoice or credit note. `body` is all that it says, as it was said then.

    `key` is that of the payment attempt, or of the refund that a credit note is for. The
    database itself refuses to change or delete a row.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("series", "position"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("(kind = 'credit_note') = (credits_id IS NOT NULL)", name="credits"),
        Index("ix_invoices_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    series: Mapped[str] = mapped_column(ForeignKey(InvoiceSeries.series))
    position: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[InvoiceKind] = mapped_column(choice(InvoiceKind))
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class InvoicePayment(Base):
    """That an invoice was paid, when, and through whom (the provider's title)."""

    __tablename__ = "invoice_payments"

    invoice_id: Mapped[int] = mapped_column(ForeignKey(InvoiceRow.id), primary_key=True)
    provider: Mapped[str] = mapped_column(String(100))
    paid_at: Mapped[datetime] = mapped_column(Instant)


class BillingDetails(Base):
    """What an account wants on its invoices as the buyer."""

    __tablename__ = "billing_details"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(500))
    tax_number: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))


def add_numbered(row: InvoiceRow) -> InvoiceRow:
    """Write a row with the next number of its series; `UniqueTaken` gives the number back.

    The counter stays locked until the transaction ends. One that is undone undoes the number too,
    so there are no gaps.
    """
    with db.session.begin_nested():
        row.position = _next_position(row.series)
        row.number = number_of(row.series, row.position)
        add(row)
    return row


def _next_position(series: str) -> int:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(InvoiceSeries).values(series=series, last=1)
    counted = statement.on_conflict_do_update(
        index_elements=[InvoiceSeries.series], set_={"last": InvoiceSeries.last + 1}
    )
    return db.session.execute(counted.returning(InvoiceSeries.last)).scalar_one()


def invoice_by_key(key: str, *, lock: bool = False) -> InvoiceRow | None:
    """Find the document of a payment attempt or refund; locked, credit notes on it take turns."""
    statement = select(InvoiceRow).where(InvoiceRow.key == key)
    return db.session.scalar(statement.with_for_update() if lock else statement)


def invoice_of_account(account_id: int, number: str) -> InvoiceRow | None:
    """Find a document of an account by its number."""
    statement = select(InvoiceRow).where(
        InvoiceRow.account_id == account_id, InvoiceRow.number == number
    )
    return db.session.scalar(statement)


def invoice_by_number(number: str) -> InvoiceRow | None:
    """Find a document of any account by its number."""
    return db.session.scalar(select(InvoiceRow).where(InvoiceRow.number == number))


def latest_invoices(before: int | None, limit: int) -> list[InvoiceRow]:
    """List the documents of all accounts, the newest first, before the given id."""
    statement = select(InvoiceRow)
    if before is not None:
        statement = statement.where(InvoiceRow.id < before)
    return list(db.session.scalars(statement.order_by(InvoiceRow.id.desc()).limit(limit)))


def invoices_between(since: datetime, until: datetime, after: int, limit: int) -> list[InvoiceRow]:
    """List what was written within a span, in that order, after the given id."""
    statement = select(InvoiceRow).where(
        InvoiceRow.issued_at >= since, InvoiceRow.issued_at < until, InvoiceRow.id > after
    )
    return list(db.session.scalars(statement.order_by(InvoiceRow.id).limit(limit)))


def invoices_of_account(account_id: int, before: int | None, limit: int) -> list[InvoiceRow]:
    """List an account's documents, the newest first, from the first id before the given one."""
    statement = select(InvoiceRow).where(InvoiceRow.account_id == account_id)
    if before is not None:
        statement = statement.where(InvoiceRow.id < before)
    return list(db.session.scalars(statement.order_by(InvoiceRow.id.desc()).limit(limit)))


def credited(invoice_ids: Collection[int]) -> dict[int, int]:
    """Tell how much of each invoice was taken back by credit notes; those without are left out."""
    statement = (
        select(InvoiceRow.credits_id, func.sum(InvoiceRow.total))
        .where(InvoiceRow.credits_id.in_(invoice_ids))
        .group_by(InvoiceRow.credits_id)
    )
    rows = db.session.execute(statement)
    return {invoice: int(total) for invoice, total in rows if invoice is not None}


def invoice_payments(invoice_ids: Collection[int]) -> dict[int, InvoicePayment]:
    """Find which of these invoices were paid."""
    statement = select(InvoicePayment).where(InvoicePayment.invoice_id.in_(invoice_ids))
    return {row.invoice_id: row for row in db.session.scalars(statement)}


def billing_details(account_id: int) -> BillingDetails | None:
    """Find what an account wants on its invoices."""
    return db.session.get(BillingDetails, account_id)
