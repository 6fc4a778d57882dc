"""VERBS of the operator: every document that was written, and the journal of a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from app.domain.invoice import InvoiceKind
from app.domain.refusals import NotFound
from app.hookspecs import minor_digits
from app.services.billing.invoices.read import AT_ONCE, InvoiceView, views
from app.store.invoices import invoice_by_number, invoices_between, latest_invoices

CHUNK = 500


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A document as the books need it. Amounts are decimals; those of a credit note negative."""

    number: str
    issued_on: str
    kind: str
    credits: str
    buyer: str
    buyer_tax_number: str
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    paid_on: str
    paid_through: str


def every_invoice(*, before: int | None = None, limit: int = AT_ONCE) -> list[InvoiceView]:
    """List the documents of all accounts, the newest first."""
    return views(latest_invoices(before, limit))


def any_invoice(number: str) -> InvoiceView:
    """Find a document of any account by its number, or raise `NotFound`."""
    row = invoice_by_number(number) if number.isprintable() else None
    if row is None:
        raise NotFound
    return views([row])[0]


def journal(year: int) -> Iterator[list[JournalLine]]:
    """Read all documents of a year, in the order in which they were written, chunk by chunk."""
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    after = 0
    while rows := invoices_between(since, until, after, CHUNK):
        yield [_line(view) for view in views(rows)]
        after = rows[-1].id


def _line(view: InvoiceView) -> JournalLine:
    said = view.said
    sign = -1 if said.kind is InvoiceKind.CREDIT_NOTE else 1
    unit = Decimal(sign).scaleb(-minor_digits(said.currency))
    return JournalLine(
        view.number,
        said.issued_at.date().isoformat(),
        said.kind.value,
        said.credits or "",
        said.buyer.name,
        said.buyer.tax_number,
        said.currency,
        said.net * unit,
        (said.total - said.net) * unit,
        said.total * unit,
        view.paid_at.date().isoformat() if view.paid_at else "",
        view.provider or "",
    )
