"""VERBS that read: the invoices of an account, for its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.invoice import Invoice, InvoiceKind
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.hookspecs import Money
from app.services.billing.invoices.body import invoice_in
from app.store.invoices import (
    InvoicePayment,
    InvoiceRow,
    credited,
    invoice_of_account,
    invoice_payments,
    invoices_of_account,
)

AT_ONCE = 50


class InvoiceState(StrEnum):
    """How an invoice stands."""

    OPEN = "open"
    PAID = "paid"
    CREDITED = "credited"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """A document with what became of it. `id` is where the next page of a list begins."""

    id: int
    number: str
    said: Invoice
    total: Money
    state: InvoiceState
    credited: Money
    paid_at: datetime | None
    provider: str | None


def list_invoices(
    access: Access, *, before: int | None = None, limit: int = AT_ONCE
) -> list[InvoiceView]:
    """List an account's invoices and credit notes, the newest first."""
    access.require(Right.MANAGE_BILLING)
    return views(invoices_of_account(access.account_id, before, limit))


def read_invoice(access: Access, number: str) -> InvoiceView:
    """Find one by its number; `NotFound` for those of other accounts."""
    access.require(Right.MANAGE_BILLING)
    row = invoice_of_account(access.account_id, number) if number.isprintable() else None
    if row is None:
        raise NotFound
    return views([row])[0]


def views(rows: list[InvoiceRow]) -> list[InvoiceView]:
    """Show rows with what became of them."""
    ids = [row.id for row in rows]
    taken, paid = credited(ids), invoice_payments(ids)
    return [_view(row, taken.get(row.id, 0), paid.get(row.id)) for row in rows]


def _view(row: InvoiceRow, taken: int, payment: InvoicePayment | None) -> InvoiceView:
    return InvoiceView(
        row.id,
        row.number,
        invoice_in(row),
        Money(row.total, row.currency),
        _state(row, taken, payment),
        Money(taken, row.currency),
        payment.paid_at if payment else None,
        payment.provider if payment else None,
    )


def _state(row: InvoiceRow, taken: int, payment: InvoicePayment | None) -> InvoiceState:
    if row.kind is InvoiceKind.CREDIT_NOTE:
        return InvoiceState.CREDIT_NOTE
    if row.total and taken == row.total:
        return InvoiceState.CREDITED
    return InvoiceState.PAID if payment else InvoiceState.OPEN
