"""Invoices: what one says, how it is numbered, and how a credit note takes some of it back.

A number is unique and without gaps within its series; a series is a prefix and a year, so each
year begins at 1 (Directive 2006/112/EC, article 226(2): sequential, one or more series).
Amounts are in the currency's minor unit. An invoice never changes: a mistake or a refund is a
credit note that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.refusals import Conflict, InvalidRequest

DIGITS = 5


class InvoiceKind(StrEnum):
    """What a document does: ask for money or confirm it, or take some of that back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold: so many, at so much each, in the minor unit, tax included."""

    words: str
    quantity: int
    unit: int

    @property
    def amount(self) -> int:
        """What this line costs."""
        return self.quantity * self.unit


@dataclass(frozen=True, slots=True)
class Tax:
    """Tax contained in the total: its words (“VAT 19 %”) and its amount."""

    words: str
    amount: int


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer, as they stood when the invoice was written."""

    name: str
    address: tuple[str, ...] = ()
    tax_number: str = ""
    email: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """Everything that an invoice or a credit note says but its number.

    `credits` is the number of the invoice that a credit note takes back. `payment` are sentences:
    how it was paid, or where to send the money.
    """

    kind: InvoiceKind
    issued_at: datetime
    seller: Party
    buyer: Party
    currency: str
    lines: tuple[Line, ...]
    tax: tuple[Tax, ...]
    payment: str
    credits: str | None = None

    def __post_init__(self) -> None:
        """Raise `InvalidRequest` for sums that no invoice can have."""
        if not self.lines or any(line.quantity < 1 or line.unit < 0 for line in self.lines):
            raise InvalidRequest.of("lines", "An invoice has lines, each with a quantity.")
        if any(tax.amount < 0 for tax in self.tax) or self.net < 0:
            raise InvalidRequest.of("tax", "Tax is contained in the total.")

    @property
    def total(self) -> int:
        """What is to be paid, tax included."""
        return sum(line.amount for line in self.lines)

    @property
    def net(self) -> int:
        """The total without its tax."""
        return self.total - sum(tax.amount for tax in self.tax)


def series_of(prefix: str, issued_at: datetime) -> str:
    """Name the series in which an invoice of that instant is numbered."""
    return f"{prefix}-{issued_at.year}"


def number_of(series: str, position: int) -> str:
    """Spell the number of the invoice at that position of its series, from 1 on."""
    return f"{series}-{position:0{DIGITS}}"


def credited_tax(tax: Sequence[Tax], total: int, before: int, amount: int) -> tuple[Tax, ...]:
    """The tax within `amount` credited of a total, of which `before` was credited already.

    Each share is rounded on the running sum, so that credit notes over all of an invoice take
    back exactly its tax, in however many parts. Raises `Conflict` for more than is left.
    """
    if not 0 < amount <= total - before:
        raise Conflict("A credit note takes back at most what is left of its invoice.")
    return tuple(
        Tax(each.words, _share(each, total, before + amount) - _share(each, total, before))
        for each in tax
    )


def _share(tax: Tax, total: int, part: int) -> int:
    return (2 * tax.amount * part + total) // (2 * total)
