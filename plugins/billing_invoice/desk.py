"""The operator's desk: who owes what, noting money that came, and giving up what will not."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.hookspecs import GoTo, Host, Money, Page, PageRequest, Show
from plugins.billing_invoice.amounts import typed_amount
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.provider import charge_changed
from plugins.billing_invoice.receivable import Receivable
from plugins.billing_invoice.reference import spaced, tidied
from plugins.billing_invoice.sql import SHOWN

MOST_SHOWN = 200
KINDS = {
    "open": "Open",
    "overdue": "Overdue",
    "paid": "Paid",
    "cancelled": "Cancelled",
    "surplus": "With a surplus",
    "all": "All",
}


class Desk:
    """The pages on receivables."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._books = Books(host.tables)

    def pages(self) -> list[Page]:
        """List them."""
        return [
            Page("receivables", "Receivables", "operator", self.receivables),
            Page("receivable", "Receivable", "operator", self.receivable, in_navigation=False),
        ]

    def receivables(self, request: PageRequest) -> Show | GoTo:
        """List what is owed, or whatever is looked for."""
        shown = request.query.get("shown", "open")
        shown = shown if shown in SHOWN else "open"
        sought = request.query.get("sought", "").strip()[:100]
        bare = tidied(sought)
        words = bare if bare.startswith("RF") else sought
        found = self._books.search(shown, words, self._today(), MOST_SHOWN + 1)
        values = {
            "rows": [self._row(each) for each in found[:MOST_SHOWN]],
            "more": len(found) > MOST_SHOWN,
            "totals": [{"money": str(money), "many": many} for money, many in self._books.totals()],
            "kinds": KINDS,
            "shown": shown,
            "sought": sought,
        }
        return Show("receivables.html", values)

    def receivable(self, request: PageRequest) -> Show | GoTo:
        """Show one receivable; note money that came, or give it up."""
        reference = tidied(request.query.get("reference", ""))
        found = self._books.by_reference(reference)
        if found is None:
            return Show("unknown.html", {"reference": reference}, status=404)
        if request.method == "GET":
            return self._shown(found)
        deeds = {"money": self._note_money, "return": self._note_return, "give_up": self._give_up}
        deed = deeds.get(request.form.get("deed", ""))
        return deed(found, request) if deed else self._shown(found)

    def _note_money(self, found: Receivable, request: PageRequest) -> Show | GoTo:
        try:
            money, day = self._typed(found, request)
        except ValueError as problem:
            return self._shown(found, request, str(problem))
        receipt = _receipt(request)
        source, by, now = "desk", request.visitor, self._host.now()
        noted = self._books.note_money(receipt, found.reference, money, day, source, by, now)
        return self._went(found, f"{money} noted." if noted else "That was noted before.")

    def _note_return(self, found: Receivable, request: PageRequest) -> Show | GoTo:
        try:
            money, day = self._typed(found, request)
        except ValueError as problem:
            return self._shown(found, request, str(problem))
        receipt, now = _receipt(request), self._host.now()
        noted = self._books.note_return(receipt, found.reference, money, day, request.visitor, now)
        if not noted and receipt not in self._books.known_receipts([receipt]):
            return self._shown(found, request, f"At most {found.surplus} are to be sent back.")
        return self._went(found, f"{money} noted as sent back.")

    def _give_up(self, found: Receivable, _request: PageRequest) -> Show | GoTo:
        self._books.cancel(found.key, self._host.now())
        return self._went(found, "Nobody is asked for this any more.")

    def _went(self, before: Receivable, message: str) -> GoTo:
        """Go back to it, and tell Coffer when it came to an end."""
        after = self._books.by_reference(before.reference)
        assert after is not None
        events = () if after.state == "open" else (charge_changed(after),)
        return GoTo(f"receivable?reference={after.reference}", message, events)

    def _typed(self, found: Receivable, request: PageRequest) -> tuple[Money, date]:
        money = typed_amount(request.form.get("amount", ""), found.money.currency)
        if money.amount < 1:
            raise ValueError("Write an amount above zero.")
        try:
            day = date.fromisoformat(request.form.get("day", "").strip())
        except ValueError:
            raise ValueError("Write a day such as 2026-12-07.") from None
        if day > self._today():
            raise ValueError("That day is still to come.")
        return money, day

    def _shown(
        self, found: Receivable, request: PageRequest | None = None, problem: str = ""
    ) -> Show:
        form = request.form if request else {}
        values = {
            "row": self._row(found),
            "receipts": [
                {
                    "money": str(each.amount),
                    "day": each.booked_on.isoformat(),
                    "source": each.source,
                    "by": each.noted_by,
                }
                for each in self._books.receipts(found.reference)
            ],
            "refunds": [
                {"money": str(each.money), "reason": each.reason, "state": each.state}
                for each in self._books.refunds_of(found.reference)
            ],
            "problem": problem,
            "given": form.get("deed", ""),
            "currency": found.money.currency,
            "amounts": {"money": _figure(found.missing), "return": _figure(found.surplus)}
            | {form.get("deed", ""): form.get("amount", "")},
            "day": form.get("day", self._today().isoformat()),
            "receipt": secrets.token_hex(16),
        }
        return Show("receivable.html", values, status=422 if problem else 200)

    def _row(self, found: Receivable) -> Mapping[str, Any]:
        return {
            "reference": found.reference,
            "spaced": spaced(found.reference),
            "account": found.account,
            "name": found.name,
            "email": found.email,
            "words": found.words,
            "state": found.state,
            "money": str(found.money),
            "received": str(found.received) if found.received.amount else "",
            "missing": str(found.missing) if found.state == "open" else "",
            "surplus": str(found.surplus) if found.surplus.amount else "",
            "due": found.due_on.isoformat(),
            "is_overdue": found.state == "open" and found.due_on < self._today(),
            "settled": found.settled_at.date().isoformat() if found.settled_at else "",
        }

    def _today(self) -> date:
        return self._host.now().date()


def _figure(money: Money) -> str:
    """An amount as a form proposes it: without its currency, and nothing for nothing."""
    return str(money).rpartition(" ")[0] if money.amount else ""


def _receipt(request: PageRequest) -> str:
    """The id that the form was given, so that sending it twice notes the money once."""
    return request.form.get("receipt", "")[:80] or f"desk-{secrets.token_hex(16)}"
