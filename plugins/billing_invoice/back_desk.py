"""The operator's other desk: refunds that are to be sent."""

from __future__ import annotations

from datetime import date

from app.hookspecs import GoTo, Host, Page, PageRequest, Show
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.provider import refund_changed
from plugins.billing_invoice.reference import spaced

MOST_SHOWN = 200


class BackDesk:
    """The page on refunds."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._books = Books(host.tables)

    def pages(self) -> list[Page]:
        """List them."""
        return [Page("refunds", "Refunds to send", "operator", self.refunds)]

    def refunds(self, request: PageRequest) -> Show | GoTo:
        """List refunds that wait to be sent; note that one was."""
        return self._note(request) if request.method == "POST" else self._shown()

    def _note(self, request: PageRequest) -> Show | GoTo:
        key = request.form.get("key", "")
        try:
            day = date.fromisoformat(request.form.get("day", "").strip())
        except ValueError:
            return self._shown("Write a day such as 2026-12-07.")
        if day > self._host.now().date():
            return self._shown("That day is still to come.")
        self._books.send(key, day)
        sent = self._books.owed(key)
        if sent is None:
            return self._shown("There is no such refund any more.")
        return GoTo("refunds", f"{sent.money} noted as sent.", (refund_changed(sent),))

    def _shown(self, problem: str = "") -> Show:
        rows = []
        for owed in self._books.to_send(MOST_SHOWN):
            payer = self._books.by_reference(owed.reference)
            rows.append(
                {
                    "key": owed.key,
                    "reference": owed.reference,
                    "spaced": spaced(owed.reference),
                    "name": payer.name if payer else "",
                    "email": payer.email if payer else "",
                    "money": str(owed.money),
                    "reason": owed.reason,
                    "asked": owed.created_at.date().isoformat(),
                }
            )
        today = self._host.now().date().isoformat()
        values = {"rows": rows, "problem": problem, "today": today}
        return Show("refunds.html", values, status=422 if problem else 200)
