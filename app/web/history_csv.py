"""DOORS: a history as CSV, written line by line, with nothing that a spreadsheet would execute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.services.credits.answers import TransactionView

COLUMNS = (
    "seq",
    "id",
    "at",
    "kind",
    "member",
    "member_name",
    "app",
    "app_name",
    "action",
    "quantity",
    "credits",
    "balance_after",
    "reverses",
    "reason",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(chunks: Iterable[list[TransactionView]]) -> Iterator[str]:
    """Write a header and then each chunk of lines as it comes."""
    yield _rows([COLUMNS])
    for chunk in chunks:
        yield _rows([_cell(getattr(line, column)) for column in COLUMNS] for line in chunk)


def _cell(value: object) -> str:
    """Text that a spreadsheet would take for a formula is marked as text; numbers are numbers."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else str(value)


def _rows(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
