"""VERBS: who sells here, as the settings say it; the factory tells once for each application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from app.domain.invoice import InvoiceKind, Party
from app.settings import Settings
from app.store.database import current_engine


@dataclass(frozen=True, slots=True)
class Seller:
    """What the seller's side of an invoice says, and the prefixes of its series."""

    party: Party
    prefixes: dict[InvoiceKind, str]


_sellers: WeakKeyDictionary[Any, Seller] = WeakKeyDictionary()


def sell_as(settings: Settings) -> None:
    """Make this the seller of the current application."""
    address = tuple(line.strip() for line in settings.seller_address.split(";") if line.strip())
    party = Party(
        settings.seller_name,
        address,
        settings.seller_tax_number,
        settings.seller_email,
        settings.seller_note,
    )
    prefixes = {
        InvoiceKind.INVOICE: settings.invoice_prefix,
        InvoiceKind.CREDIT_NOTE: settings.credit_note_prefix,
    }
    _sellers[current_engine()] = Seller(party, prefixes)


def seller() -> Seller:
    """The seller of the current application."""
    return _sellers[current_engine()]
