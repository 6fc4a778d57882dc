"""The world of the invoice provider for tests: its books on the portal's database, its charges."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.hookspecs import Charge, Host, Money, PageRequest, Payer, Refund
from plugins.billing_invoice.back_desk import BackDesk
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.desk import Desk
from plugins.billing_invoice.intake import Intake
from plugins.billing_invoice.provider import InvoiceProvider
from plugins.billing_invoice.terms import FIELDS, terms_in

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = {each.name: each.default for each in FIELDS} | {
    "account_holder": "Example GmbH",
    "iban": "DE89370400440532013000",
    "tax_percent": "19",
}
PAYER = Payer("acme", "Acme Inc.", "alice@acme.test", None)


@dataclass
class World:
    """A provider with its desks. `now` is what its clock says."""

    tables: object
    now: datetime = NOW
    settings: dict = field(default_factory=lambda: dict(SETTINGS))

    def __post_init__(self):
        self.host = Host("https://coffer.test", lambda: self.now, self.tables)
        self.books = Books(self.tables)
        self.desk, self.intake = Desk(self.host), Intake(self.host)
        self.back_desk = BackDesk(self.host)

    @property
    def provider(self):
        return InvoiceProvider(self.host, terms_in(self.settings))

    def charge(self, amount=2500, currency="EUR", key=None, account="acme", name="Acme Inc."):
        key = key or f"charge-{secrets.token_hex(4)}"
        payer = Payer(account, name, "alice@acme.test", None)
        money = Money(amount, currency)
        charge = Charge(key, payer, money, "500 credits", "top_up", True, "https://coffer.test/b")
        self.provider.charge(charge)
        return self.books.by_key(key)

    def paid(self, **charge):
        owed = self.charge(**charge)
        self.come(owed, owed.money)
        return self.books.by_key(owed.key)

    def come(self, owed, money, receipt=None):
        receipt = receipt or f"test-{secrets.token_hex(4)}"
        day, by = self.now.date(), "op@coffer.test"
        self.books.note_money(receipt, owed.reference, money, day, "desk", by, self.now)
        return self.books.by_key(owed.key)

    def refund(self, owed, amount, key=None):
        key = key or f"refund-{secrets.token_hex(4)}"
        money = Money(amount, owed.money.currency)
        return key, self.provider.refund(Refund(key, owed.reference, money, "By mistake."))


def asks(method="GET", query=None, form=None, files=None):
    return PageRequest(
        method, "", query or {}, form or {}, files or {}, "op@coffer.test", None, None
    )
