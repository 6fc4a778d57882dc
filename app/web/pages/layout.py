"""The layout: what every page finds in its template, and the files that all pages load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.role import Right
from app.services.credits.answers import ContextView
from app.services.credits.read import pools_of
from app.services.plugins.answer_page import Entry, account_entries
from app.services.workspaces.owner import owner
from app.web.login import current_person, current_seeing, is_signed_in
from app.web.pages.looks import icon, stylesheet
from app.web.pages.notifications import unread
from app.web.pages.page import pages
from app.web.pages.tabs import Row, rows
from app.web.pages.wording import FILTERS, reading
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.people import Person

A_YEAR = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Give templates their filters and the few functions that they may call."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        icon=icon,
        may=may,
        Right=Right,
        contexts=contexts,
        looks=looks,
        tab_rows=tab_rows,
        zone_of=lambda instant: reading().clock(instant),
        plugin_tabs=plugin_tabs,
        unread=unread,
        payer=payer,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(common)


def common() -> dict[str, Any]:
    """What base.html shows: who is signed in, where they stand, and the time."""
    return {
        "person": current_person() if is_signed_in() else None,
        "account": g.get("account"),
        "access": g.get("access"),
        "now": portal().clock.now(),
        "seeing": current_seeing(),
    }


def may(right: Right) -> bool:
    """Tell a template whether the person may do this in the account of this page."""
    return bool(g.access.may(right))


def payer() -> Person:
    """Who owns the account of this page, and so may buy credits."""
    return owner(g.account.id)


def contexts() -> list[ContextView]:
    """The accounts of the person with what their pools can pay, read once per request."""
    if "contexts" not in g:
        g.contexts = pools_of(current_person().id, portal().clock.now())
    return list(g.contexts)


def tab_rows() -> tuple[Row, Row | None]:
    """The navigation of the account of this page, and of its settings on one of them."""
    endpoint = (request.endpoint or "").removeprefix("pages.")
    return rows(g.access, endpoint, is_workspace=g.account.kind == "workspace")


def plugin_tabs() -> list[Entry]:
    """The pages of plugins in the navigation of the account of this page."""
    account, access = g.account, g.access
    return account_entries(account.id, account.slug, access.role, portal().clock.now())


def looks() -> str:
    """The address of the stylesheet, which changes with its text."""
    return url_for("pages.stylesheet", version=stylesheet().version)


@pages.get("/looks/<version>.css", endpoint="stylesheet")
def serve_stylesheet(version: str) -> ResponseReturnValue:
    """Send the stylesheet, packed for those who can unpack it."""
    sheet = stylesheet()
    pack = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(sheet.packed if pack else sheet.text, mimetype="text/css")
    answer.headers["Cache-Control"] = A_YEAR if version == sheet.version else "no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    if pack:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@pages.after_app_request
def keep_private(answer: Response) -> Response:
    """Keep pages of a signed-in person out of shared and browser caches."""
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
