"""The operator's copies of all invoices, and the journal of a year as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, fields

from flask import Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.services.billing.invoices.journal import (
    JournalLine,
    any_invoice,
    every_invoice,
    journal,
)
from app.services.billing.invoices.read import AT_ONCE
from app.services.billing.invoices.render import print_invoice
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.invoices import pdf
from app.web.pages.page import SMALL_ID, begins_at, pages
from app.web.portal import portal
from app.web.spreadsheet import rows_of

FIRST_YEAR, LAST_YEAR = 2000, 9998


@pages.get("/admin/invoices")
@for_operators
def admin_invoices() -> ResponseReturnValue:
    """List all invoices and credit notes, the newest first."""
    before = begins_at(largest=SMALL_ID)
    found = every_invoice(before=before, limit=AT_ONCE + 1)
    return admin_page(
        "admin/invoices.html",
        invoices=found[:AT_ONCE],
        older=found[AT_ONCE - 1].id if len(found) > AT_ONCE else None,
        before=before,
        year=portal().clock.now().year,
    )


@pages.get("/admin/invoices/<number>.pdf")
@for_operators
def admin_invoice(number: str) -> ResponseReturnValue:
    """Send one as PDF: the very bytes that the buyer gets."""
    return pdf(print_invoice(any_invoice(number)), number)


@pages.get("/admin/invoices.csv")
@for_operators
def admin_journal() -> ResponseReturnValue:
    """Send the journal of a year, of this one unless said otherwise."""
    year = request.args.get("year", type=int) or portal().clock.now().year
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    answer = Response(stream_with_context(_rows(year)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="invoices-{year}.csv"'
    return answer


def _rows(year: int) -> Iterator[str]:
    yield rows_of([[field.name for field in fields(JournalLine)]])
    for chunk in journal(year):
        yield rows_of(astuple(line) for line in chunk)
