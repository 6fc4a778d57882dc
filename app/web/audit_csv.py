"""DOORS: the audit log as CSV, written line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
from flask import Response, stream_with_context

from app.services.audit.read import AuditView
from app.web.spreadsheet import rows_of

CHUNK = 500
COLUMNS = (
    "id",
    "seq",
    "at",
    "account",
    "kind",
    "words",
    "about",
    "actor",
    "who",
    "door",
    "address",
    "browser",
    "before",
    "after",
)
Read = Callable[[int | None], list[AuditView]]


def audit_csv(read: Read, name: str) -> Response:
    """Send every line; `read` gives the next chunk before an id, and the first one at once."""
    answer = Response(stream_with_context(_rows(read, read(None))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-audit.csv"'
    return answer


def _rows(read: Read, chunk: list[AuditView]) -> Iterator[str]:
    yield rows_of([COLUMNS])
    while chunk:
        yield rows_of([_cell(line, column) for column in COLUMNS] for line in chunk)
        chunk = read(chunk[-1].id)


def _cell(line: AuditView, column: str) -> object:
    value = getattr(line, column)
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
