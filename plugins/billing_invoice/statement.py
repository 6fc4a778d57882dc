"""Bank statements as CSV, in the dialects of banks: which lines there are, and what each says.

The first row that names a date and an amount is the heading; what stands before it is passed
over. A line's id is made of what the line says, so that the same line has the same id in every
statement that contains it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from app.hookspecs import Money
from plugins.billing_invoice.amounts import decimal_sign, read_amount, split_amount

MOST_LINES = 5_000
DELIMITERS = ";,\t|"
DATE = {
    *("date", "booking date", "booked on", "transaction date", "value date", "completed date"),
    *("posting date", "buchungstag", "buchungsdatum", "buchung", "datum", "wertstellung"),
    *("valutadatum", "fecha", "fecha operación", "data", "data contabile", "date opération"),
    *("date comptable", "boekdatum", "data operacji", "bokföringsdatum"),
}
AMOUNT = {
    *("amount", "betrag", "betrag (eur)", "umsatz", "montant", "importe", "importo", "bedrag"),
    *("kwota", "belopp", "beløb", "transaction amount", "amount (eur)"),
}
CREDIT = {"credit", "paid in", "money in", "gutschrift", "haben", "crédit", "credit amount"}
CURRENCY = {"currency", "währung", "waehrung", "devise", "moneda", "divisa", "muntsoort", "waluta"}
DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%Y%m%d")
WORDY_FORMS = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y")
SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
TIME = re.compile(r"[ T]\d{1,2}:.*")
MONTHS = 12


class NotAStatement(Exception):  # noqa: N818 - said as what it is
    """The file can't be read as a bank statement; the text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `problem` is a sentence when its date or amount can't be read."""

    number: int
    id: str
    booked_on: date | None
    money: Money | None
    text: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    date: int
    amount: int
    currency: int | None


def read_statement(content: bytes, currency: str) -> list[Line]:
    """Read a statement; `currency` is that of lines which name none."""
    rows = _rows(_decoded(content))
    if len(rows) > MOST_LINES:
        raise NotAStatement(f"It has more than {MOST_LINES} lines: import it in parts.")
    at, columns = _heading(rows)
    body = [(number, row) for number, row in enumerate(rows[at:], at + 1) if any(row)]
    dates = [_cell(row, columns.date) for _, row in body]
    numbers = [split_amount(_cell(row, columns.amount))[0] for _, row in body]
    reading = _Reading(columns, currency, _day_first(dates), decimal_sign(numbers))
    seen: Counter[str] = Counter()
    return [reading.line(number, row, seen) for number, row in body]


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the lines of one file are read."""

    columns: _Columns
    currency: str
    day_first: bool
    decimal: str | None

    def line(self, number: int, row: Sequence[str], seen: Counter[str]) -> Line:
        """Read one row; `seen` counts lines that say the same."""
        day, amount = _cell(row, self.columns.date), _cell(row, self.columns.amount)
        text = " ".join(cell for cell in row if cell)
        said = "\x1f".join((day, amount, *(cell for cell in row if cell)))
        seen[said] += 1
        identity = sha256(f"{seen[said]}\x1f{said}".encode()).hexdigest()[:40]
        try:
            money = self._money(row, amount)
            return Line(number, f"csv-{identity}", self._day(day), money, text)
        except ValueError as problem:
            return Line(number, f"csv-{identity}", None, None, text, str(problem))

    def _money(self, row: Sequence[str], amount: str) -> Money:
        digits, named = split_amount(amount)
        column = self.columns.currency
        currency = _cell(row, column).upper() if column is not None else ""
        return read_amount(digits or "0", currency or named or self.currency, self.decimal)

    def _day(self, text: str) -> date:
        if (parts := SLASHES.fullmatch(text)) is not None:
            first, second, year = (int(part) for part in parts.groups())
            day, month = (first, second) if self.day_first else (second, first)
            return date(year + 2000 if year < 100 else year, month, day)  # noqa: PLR2004
        for form in (*DATE_FORMS, *WORDY_FORMS):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007
            except ValueError:
                continue
        without_time = TIME.sub("", text)
        if without_time != text:
            return self._day(without_time)
        raise ValueError(f"“{text}” is no date.")


def _decoded(content: bytes) -> str:
    """Read the letters: UTF-8 or UTF-16 with their marks, else UTF-8, else Windows' own."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(text: str) -> list[list[str]]:
    """Part the text with the sign that makes the heading readable."""
    for delimiter in DELIMITERS:
        try:
            read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            rows = [[cell.strip() for cell in row] for row in read]
        except csv.Error:
            continue
        if any(_columns(row) for row in rows):
            return rows
    raise NotAStatement(
        "No row names a date and an amount. Export the statement as CSV with its heading."
    )


def _heading(rows: Iterable[Sequence[str]]) -> tuple[int, _Columns]:
    for at, row in enumerate(rows):
        if (columns := _columns(row)) is not None:
            return at + 1, columns
    raise NotAStatement("No row names a date and an amount.")


def _columns(row: Sequence[str]) -> _Columns | None:
    names = [cell.casefold().strip(" *:") for cell in row]
    day, amount = _first(names, DATE), _first(names, AMOUNT)
    if amount is None:
        amount = _first(names, CREDIT)
    if day is None or amount is None:
        return None
    return _Columns(day, amount, _first(names, CURRENCY))


def _first(names: Sequence[str], known: set[str]) -> int | None:
    return next((at for at, name in enumerate(names) if name in known), None)


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _day_first(dates: Iterable[str]) -> bool:
    """Tell how dates such as 03/04/2026 are meant: day first, unless a line proves otherwise."""
    pairs = [parts for text in dates if (parts := SLASHES.match(text)) is not None]
    return not any(int(parts.group(2)) > MONTHS for parts in pairs)
