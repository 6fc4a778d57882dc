"""The provider: a charge is a receivable with a payment reference; the operator sees it paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.hookspecs import (
    BadSignature,
    Cancelled,
    Charge,
    ChargeChanged,
    Declined,
    Delivery,
    Host,
    Outcome,
    Payer,
    Pending,
    Processed,
    ProviderEvent,
    ProviderPayment,
    Refund,
    RefundChanged,
    TaxLine,
)
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.receivable import Owed, Receivable
from plugins.billing_invoice.reference import reference_for
from plugins.billing_invoice.terms import Terms

TURNS = 5


class InvoiceProvider:
    """The billing provider `invoice`."""

    key = "invoice"
    title = "Invoice and bank transfer"
    charges_absent = False

    def __init__(self, host: Host, terms: Terms) -> None:
        self._host = host
        self._terms = terms
        self._books = Books(host.tables)

    def charge(self, charge: Charge) -> Outcome:
        """Write a receivable and say where to send the money; again, tell what became of it."""
        if charge.money.amount < 1:
            return Declined("There is nothing to pay.")
        for turn in range(TURNS):
            if (found := self._books.by_key(charge.key)) is not None:
                return outcome_of(found)
            self._open(charge, reference_for(charge.key, turn))
        raise RuntimeError(f"no reference is free for {charge.key}")

    def find_charge(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a charge."""
        found = self._books.by_key(key)
        return outcome_of(found) if found else Cancelled()

    def cancel_charge(self, key: str, reference: str | None) -> Outcome:
        """Give up what is open. What comes for it later is a surplus to be sent back."""
        self._books.cancel(key, self._host.now())
        return self.find_charge(key, reference)

    def refund(self, refund: Refund) -> Outcome:
        """Write down that money is to be sent back; it is pending until the operator did so."""
        if refund.money.amount < 1:
            return Declined("There is nothing to give back.")
        if (found := self._books.owed(refund.key)) is None:
            self._books.owe(refund, self._host.now())
            found = self._books.owed(refund.key)
        if found is None:
            return Declined("That was never paid, or so much of it is not left.")
        return refund_outcome(found)

    def find_refund(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a refund."""
        found = self._books.owed(key)
        return refund_outcome(found) if found else Cancelled()

    def read_events(self, delivery: Delivery) -> Sequence[ProviderEvent]:
        """Believe nothing: nobody outside has anything to tell, the operator's pages do."""
        raise BadSignature("Nothing is delivered to this provider.")

    def payments(self, since: datetime, until: datetime) -> Iterable[ProviderPayment]:
        """List what was noted as paid within a span."""
        return [
            ProviderPayment(each.reference, each.key, each.money, sent_back, each.settled_at)
            for each, sent_back in self._books.settled(since, until)
            if each.settled_at is not None
        ]

    def manage_page(self, payer: Payer, return_url: str) -> str | None:
        """There is no means of payment to change."""
        return None

    def _open(self, charge: Charge, reference: str) -> None:
        now = self._host.now()
        due = (now + timedelta(days=self._terms.days)).date()
        tax = self._terms.tax_in(charge.money.amount)
        self._books.open(
            charge,
            reference,
            now,
            tax_words=self._terms.tax_words() if tax else "",
            tax=tax,
            instructions=self._terms.instructions(charge.money, reference, due),
            due_on=due.isoformat(),
        )


def outcome_of(receivable: Receivable) -> Outcome:
    """Say in the contract's words how a receivable stands."""
    tax = (TaxLine(receivable.tax_words, receivable.tax),) if receivable.tax_words else ()
    match receivable.state:
        case "paid":
            return Processed(receivable.reference, receivable.money, tax)
        case "cancelled":
            return Cancelled(receivable.reference)
    return Pending(receivable.reference, instructions=receivable.instructions, tax=tax)


def refund_outcome(owed: Owed) -> Outcome:
    """Say in the contract's words how a refund stands."""
    if owed.state == "sent":
        return Processed(owed.key, owed.money)
    return Pending(owed.key, instructions="The operator sends the money back by bank transfer.")


def charge_changed(receivable: Receivable) -> ChargeChanged:
    """Tell Coffer what became of a charge; the same news always has the same id."""
    event = f"{receivable.key}:{receivable.state}"
    return ChargeChanged(event, receivable.key, outcome_of(receivable))


def refund_changed(owed: Owed) -> RefundChanged:
    """Tell Coffer that a refund was sent."""
    return RefundChanged(f"{owed.key}:{owed.state}", owed.key, owed.reference, refund_outcome(owed))
