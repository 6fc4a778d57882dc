"""The conformance kit over this plugin: its world is an operator who watches a bank account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.conformance.billing import BillingConformance, Fate, Lack
from app.conformance.tables import TrialTables
from app.hookspecs import BillingProvider, Delivery, Host, Payer, Tables
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.provider import InvoiceProvider
from plugins.billing_invoice.terms import FIELDS, terms_in

MIGRATIONS = Path(__file__).parent / "migrations"
SETTINGS = {field.name: field.default for field in FIELDS} | {
    "account_holder": "Example GmbH",
    "iban": "DE89370400440532013000",
    "tax_percent": "19",
}
OPERATOR = "operator@coffer.example.com"


class InvoiceBench:
    """The provider, and an operator who notes what their bank account shows."""

    lacks: Mapping[Lack, str] = {
        Lack.ABSENT_CHARGES: "a bank transfer is made by the payer, every time",
        Lack.DECLINES: "an invoice is never declined, it is paid or given up",
        Lack.TIME_OUTS: "nothing outside is asked: the books are in the portal's own database",
        Lack.DELIVERIES: "the operator's pages tell what happened, nobody else does",
        Lack.DISPUTES: "a bank transfer can't be taken back by the payer's bank",
        Lack.MANAGE_PAGE: "there is no saved means of payment",
    }
    payer = Payer("acme", "Acme", "billing@acme.example", None)
    currency = "EUR"

    def __init__(self, tables: Tables) -> None:
        self._began, self._calls = datetime.now(UTC), 0
        self._host = Host("https://coffer.example.com", self.now, tables)
        self._books = Books(tables)
        self._fate = Fate.PROCESS
        self._taken: Counter[str] = Counter()
        self._given_back: Counter[str] = Counter()

    def now(self) -> datetime:
        """Tell the time, which goes on by two seconds each time."""
        self._calls += 1
        return self._began + timedelta(seconds=2 * self._calls)

    @property
    def provider(self) -> BillingProvider:
        """The provider, with nothing kept but the plugin's tables."""
        return InvoiceProvider(self._host, terms_in(SETTINGS))

    def next_charge(self, fate: Fate) -> None:
        """Say whether the payer is somebody who pays."""
        self._fate = fate

    def pay(self, key: str) -> None:
        """Let the money arrive, and the operator note it; nobody pays what was given up."""
        found = self._books.by_key(key)
        if found is None or found.state != "open" or self._fate is Fate.DECLINE:
            return
        self._taken[key] += found.money.amount
        now = self.now()
        self._books.note_money(
            f"bank-{key}", found.reference, found.money, now.date(), "desk", OPERATOR, now
        )

    def give_up(self, key: str) -> None:
        """Let the operator give it up."""
        self._books.cancel(key, self.now())

    def go_away(self) -> None:
        """Do nothing: there is nowhere to go."""

    def come_back(self) -> None:
        """Do nothing."""

    def finish_refund(self, key: str) -> None:
        """Let the operator send the money back and note it."""
        owed = self._books.owed(key)
        if owed is not None and self._books.send(key, self.now().date()):
            charge = self._books.by_reference(owed.reference)
            assert charge is not None
            self._given_back[charge.key] += owed.money.amount

    def open_dispute(self, charge: str) -> None:
        """Do nothing: there are no disputes."""

    def close_dispute(self, charge: str, *, won: bool) -> None:
        """Do nothing."""

    def deliveries(self) -> Sequence[Delivery]:
        """Nothing is ever delivered."""
        return []

    def taken(self, key: str) -> int:
        """What arrived on the bank account."""
        return self._taken[key]

    def given_back(self, key: str) -> int:
        """What left the bank account again."""
        return self._given_back[key]


class TestInvoice(BillingConformance):
    """All of the kit, on tables of its own."""

    @pytest.fixture
    def bench(self) -> InvoiceBench:
        """Give each test books of its own."""
        return InvoiceBench(TrialTables(MIGRATIONS))
