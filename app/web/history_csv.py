"""DOORS: a history as CSV, written line by line, with nothing that a spreadsheet would execute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.web.spreadsheet import rows_of

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


def as_csv(chunks: Iterable[list[TransactionView]]) -> Iterator[str]:
    """Write a header and then each chunk of lines as it comes."""
    yield rows_of([COLUMNS])
    for chunk in chunks:
        yield rows_of([getattr(line, column) for column in COLUMNS] for line in chunk)
