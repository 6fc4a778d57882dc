"""VERBS: write an invoice, note that it was paid, take it back by a credit note.

They run inside the caller's transaction, as its last step: the counter of the series stays locked
until that transaction ends, so that its numbers have no gaps. All are safe to repeat: one document
for each key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.invoice import Invoice, InvoiceKind, Line, Tax, credited_tax, series_of
from app.domain.refusals import InvalidRequest
from app.hookspecs import Money, TaxLine
from app.services.billing.invoices.body import body_of, invoice_in
from app.services.billing.invoices.details import buyer_of
from app.services.billing.invoices.seller import seller
from app.store.database import UniqueTaken, add
from app.store.invoices import (
    InvoicePayment,
    InvoiceRow,
    add_numbered,
    credited,
    invoice_by_key,
    invoice_payments,
)


@dataclass(frozen=True, slots=True)
class Billed:
    """What an invoice is about.

    `key` is the payment attempt's key: one invoice for each, however often it is asked for.
    `provider` is the provider's title (“Card”). With `paid_at` the invoice says that it was paid;
    without, it says `instructions`, and `note_paid` comes later. `tax` is what the provider told
    (`Processed.tax` or `Pending.tax`), contained in the lines' amounts.
    """

    account_id: int
    key: str
    currency: str
    lines: tuple[Line, ...]
    provider: str
    tax: tuple[TaxLine, ...] = ()
    paid_at: datetime | None = None
    instructions: str = ""


def write_invoice(billed: Billed, now: datetime) -> InvoiceRow:
    """Write an invoice with the next number, or give the one that was written for this key.

    Call it inside `with transaction():`, last. Call it when a payment was processed, with
    `paid_at`; and when a provider answered `Pending` with instructions, without `paid_at`, so
    that the payer has an invoice to pay. When an invoice exists and `paid_at` is given, that it
    was paid is noted. Raises `InvalidRequest` for tax in another currency or above the total.
    """
    row = invoice_by_key(billed.key) or _written(billed, now)
    if billed.paid_at is not None:
        _note_paid(row, billed.provider, billed.paid_at)
    return row


def note_paid(key: str, provider: str, paid_at: datetime) -> None:
    """Note that the invoice of that key was paid, if there is one; safe to repeat."""
    row = invoice_by_key(key)
    if row is not None:
        _note_paid(row, provider, paid_at)


def write_credit_note(
    key: str, invoice_key: str, money: Money, reason: str, now: datetime
) -> InvoiceRow | None:
    """Take back some or all of an invoice, for a refund, a dispute, or one never paid.

    `key` is the refund's or dispute's key, `invoice_key` that of the payment attempt. Its tax is
    the invoice's in proportion. None when that payment has no invoice. Raises `Conflict` for
    more than is left, `InvalidRequest` for another currency.
    """
    invoice = invoice_by_key(invoice_key, lock=True)
    if invoice is None or (written := invoice_by_key(key)) is not None:
        return None if invoice is None else written
    if money.currency != invoice.currency:
        raise InvalidRequest.of("currency", f"{invoice.number} is in {invoice.currency}.")
    before = credited([invoice.id]).get(invoice.id, 0)
    return _number(_credit_note(invoice, money.amount, before, reason, now), invoice, key)


def cancel_invoice(invoice_key: str, reason: str, now: datetime) -> InvoiceRow | None:
    """Take back all that is left of an unpaid invoice whose payment was declined or given up."""
    invoice = invoice_by_key(invoice_key, lock=True)
    if invoice is None or invoice_payments([invoice.id]):
        return None
    left = invoice.total - credited([invoice.id]).get(invoice.id, 0)
    if not left:
        return invoice_by_key(_cancelled(invoice_key))
    money = Money(left, invoice.currency)
    return write_credit_note(_cancelled(invoice_key), invoice_key, money, reason, now)


def _written(billed: Billed, now: datetime) -> InvoiceRow:
    invoice = Invoice(
        InvoiceKind.INVOICE,
        now,
        seller().party,
        buyer_of(billed.account_id),
        billed.currency,
        billed.lines,
        tuple(_taxes(billed.tax, billed.currency)),
        _paid_words(billed) if billed.paid_at else billed.instructions,
    )
    return _number(invoice, billed.account_id, billed.key)


def _taxes(lines: Iterable[TaxLine], currency: str) -> Iterable[Tax]:
    for line in lines:
        if line.money.currency != currency:
            raise InvalidRequest.of("tax", f"The tax of an invoice in {currency} is in {currency}.")
        yield Tax(line.words, line.money.amount)


def _paid_words(billed: Billed) -> str:
    at = billed.paid_at
    return f"Paid on {at.day} {at:%B %Y}: {billed.provider}." if at else ""


def _credit_note(
    invoice: InvoiceRow, amount: int, before: int, reason: str, now: datetime
) -> Invoice:
    said = invoice_in(invoice)
    return Invoice(
        InvoiceKind.CREDIT_NOTE,
        now,
        said.seller,
        said.buyer,
        said.currency,
        (Line(f"Credit for invoice {invoice.number}", 1, amount),),
        credited_tax(said.tax, said.total, before, amount),
        reason,
        invoice.number,
    )


def _number(said: Invoice, about: InvoiceRow | int, key: str) -> InvoiceRow:
    """Write the document; `about` is the account of an invoice, the invoice of a credit note."""
    credits = about if isinstance(about, InvoiceRow) else None
    row = InvoiceRow(
        series=series_of(seller().prefixes[said.kind], said.issued_at),
        kind=said.kind,
        account_id=credits.account_id if credits else about,
        key=key,
        credits_id=credits.id if credits else None,
        issued_at=said.issued_at,
        currency=said.currency,
        total=said.total,
        body=body_of(said),
    )
    try:
        return add_numbered(row)
    except UniqueTaken:
        written = invoice_by_key(key)
        assert written is not None, f"the number of {row.series} was given twice"
        return written


def _note_paid(row: InvoiceRow, provider: str, paid_at: datetime) -> None:
    if not invoice_payments([row.id]):
        try:
            add(InvoicePayment(invoice_id=row.id, provider=provider, paid_at=paid_at))
        except UniqueTaken:
            return


def _cancelled(key: str) -> str:
    return f"cancelled:{key}"
