"""The statement of an account: a month or a cycle to print, on a page or as PDF."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from app.services.usage.print_statement import print_statement
from app.services.usage.statement import choices, statement, usual_choice
from app.web.pages.invoices import pdf
from app.web.pages.page import Here, in_account, page, pages
from app.web.portal import portal


@pages.get("/accounts/<slug>/statement", endpoint="statement")
@in_account()
def show_statement(here: Here) -> ResponseReturnValue:
    """Show a statement; without a period that of the last month that is over."""
    now = portal().clock.now()
    known = choices(here.account, now)
    drawn = None
    if known:
        key = request.args.get("period") or usual_choice(here.account, now)
        drawn = statement(here.account, key, now)
    return page("statement/statement.html", drawn=drawn, choices=known)


@pages.get("/accounts/<slug>/statement/<period>.pdf")
@in_account()
def statement_pdf(here: Here, period: str) -> ResponseReturnValue:
    """Send a statement as PDF."""
    drawn = statement(here.account, period, portal().clock.now())
    printed = print_statement(drawn, here.account.name)
    return pdf(printed, f"{here.account.slug}-statement-{drawn.of.key}")
