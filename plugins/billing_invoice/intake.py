"""The intake: a bank's statement as CSV, first looked at, then taken over, each line once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.hookspecs import GoTo, Host, Money, Page, PageRequest, Show
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.matching import Verdict, judge
from plugins.billing_invoice.provider import charge_changed
from plugins.billing_invoice.receivable import Receivable
from plugins.billing_invoice.reference import spaced
from plugins.billing_invoice.statement import NotAStatement, read_statement

CODE = re.compile(r"[A-Z]{3}")
MOST_SHOWN = 500


class Intake:
    """The page that reads statements."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._books = Books(host.tables)

    def pages(self) -> list[Page]:
        """List them."""
        return [Page("import", "Bank statement", "operator", self.statement)]

    def statement(self, request: PageRequest) -> Show | GoTo:
        """Ask for a file, show what its lines pay, and take that over."""
        if request.method == "GET":
            return self._asked()
        return self._taken(request) if "lines" in request.form else self._preview(request)

    def _asked(self, problem: str = "", currency: str = "") -> Show:
        totals = sorted(self._books.totals(), key=lambda each: -each[1])
        usual = totals[0][0].currency if totals else "EUR"
        values = {"problem": problem, "currency": currency or usual}
        return Show("import.html", values, status=422 if problem else 200)

    def _preview(self, request: PageRequest) -> Show:
        currency = request.form.get("currency", "").strip().upper()
        content = request.files.get("statement", b"")
        if not CODE.fullmatch(currency):
            return self._asked("Write the currency as three letters, such as EUR.", currency)
        if not content.strip():
            return self._asked("Choose the file with the statement.", currency)
        try:
            lines = read_statement(content, currency)
        except NotAStatement as problem:
            return self._asked(str(problem), currency)
        known = self._books.known_receipts([line.id for line in lines])
        verdicts = judge(lines, known, self._remembering())
        matched = [verdict for verdict in verdicts if verdict.matches]
        others = [verdict for verdict in verdicts if not verdict.matches]
        ours = [verdict for verdict in others if verdict.is_ours]
        values = {
            "matched": [_row(verdict) for verdict in matched],
            "ours": [_row(verdict) for verdict in ours[:MOST_SHOWN]],
            "others": [_row(verdict) for verdict in others if not verdict.is_ours][:MOST_SHOWN],
            "left_out": len(others),
            "lines": json.dumps([_kept(verdict) for verdict in matched]),
        }
        return Show("preview.html", values)

    def _taken(self, request: PageRequest) -> Show | GoTo:
        try:
            lines = [_read_kept(each) for each in json.loads(request.form["lines"])]
        except (ValueError, KeyError, TypeError):
            return self._asked("The preview was not sent whole. Choose the file once more.")
        new, events = 0, []
        for receipt, reference, money, day in lines:
            found = self._books.by_reference(reference)
            if found is not None and found.state == "open" and found.missing == money:
                by, now = request.visitor, self._host.now()
                new += self._books.note_money(receipt, reference, money, day, "csv", by, now)
            after = self._books.by_reference(reference)
            if after is not None and after.state == "paid":
                events.append(charge_changed(after))
        words = "1 payment was" if new == 1 else f"{new} payments were"
        left = (
            f" {len(lines) - new} changed meanwhile and were left out." if new < len(lines) else ""
        )
        return GoTo("receivables?shown=paid", f"{words} taken over.{left}", tuple(events))

    def _remembering(self) -> Any:  # noqa: ANN401 - a function that asks for each reference once
        seen: dict[str, Receivable | None] = {}

        def find(reference: str) -> Receivable | None:
            if reference not in seen:
                seen[reference] = self._books.by_reference(reference)
            return seen[reference]

        return find


def _row(verdict: Verdict) -> Mapping[str, Any]:
    line, found = verdict.line, verdict.receivable
    return {
        "number": line.number,
        "day": line.booked_on.isoformat() if line.booked_on else "",
        "money": str(line.money) if line.money else "",
        "text": line.text[:300],
        "why": verdict.why,
        "reference": found.reference if found else "",
        "spaced": spaced(found.reference) if found else "",
        "name": found.name if found else "",
    }


def _kept(verdict: Verdict) -> list[Any]:
    line, found = verdict.line, verdict.receivable
    assert found is not None
    assert line.money is not None
    assert line.booked_on is not None
    day = line.booked_on.isoformat()
    return [line.id, found.reference, line.money.amount, line.money.currency, day]


def _read_kept(kept: Any) -> tuple[str, str, Money, date]:  # noqa: ANN401 - as it was sent back
    receipt, reference, amount, currency, day = kept
    if not all(isinstance(each, str) for each in (receipt, reference, currency, day)):
        raise TypeError
    if type(amount) is not int or not receipt.startswith("csv-"):
        raise ValueError
    return receipt[:80], reference, Money(amount, currency), date.fromisoformat(day)
