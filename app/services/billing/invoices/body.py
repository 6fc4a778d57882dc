"""How an invoice is kept: all that it says as JSON, so that it stays what it was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.domain.invoice import Invoice, Line, Party, Tax
from app.store.invoices import InvoiceRow


def body_of(invoice: Invoice) -> dict[str, Any]:
    """Spell what the columns of its row don't have."""
    return {
        "seller": asdict(invoice.seller),
        "buyer": asdict(invoice.buyer),
        "lines": [[line.words, line.quantity, line.unit] for line in invoice.lines],
        "tax": [[tax.words, tax.amount] for tax in invoice.tax],
        "payment": invoice.payment,
        "credits": invoice.credits,
    }


def invoice_in(row: InvoiceRow) -> Invoice:
    """Read a row back."""
    body = row.body
    return Invoice(
        row.kind,
        row.issued_at,
        _party(body["seller"]),
        _party(body["buyer"]),
        row.currency,
        tuple(Line(*line) for line in body["lines"]),
        tuple(Tax(*tax) for tax in body["tax"]),
        body["payment"],
        body["credits"],
    )


def _party(kept: dict[str, Any]) -> Party:
    return Party(**{**kept, "address": tuple(kept["address"])})
