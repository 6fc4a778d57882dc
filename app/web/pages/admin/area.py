"""The operator's area: its door, and the sections that its navigation shows.

A new section is a module beside this one, a line in SECTIONS, and a line in the pages' subjects.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple, ParamSpec

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.domain.refusals import NotFound
from app.services.plugins.answer_page import operator_entries
from app.web.login import current_person
from app.web.pages.form import Form
from app.web.pages.page import page, pages
from app.web.portal import portal

P = ParamSpec("P")


class Section(NamedTuple):
    """One entry of the area's navigation; its page and those under it share a prefix."""

    endpoint: str
    words: str
    icon: str


SECTIONS = (
    Section("admin_cycles", "Cycles", "arrow-repeat"),
    Section("admin_payments", "Payments", "credit-card"),
    Section("admin_invoices", "Invoices", "receipt"),
    Section("admin_plugins", "Plugins", "puzzle"),
    Section("admin_audit", "Audit log", "list-ul"),
)


def for_operators(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Open a page only to operators; anybody else sees what is shown where there is nothing."""

    @login_required  # type: ignore[untyped-decorator]
    @wraps(view)
    def door(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_person().is_operator:
            raise NotFound
        return view(*args, **kwargs)

    return door  # type: ignore[no-any-return]


def admin_page(template: str, form: Form | None = None, **context: object) -> ResponseReturnValue:
    """Show a page of the area, with its navigation and the pages that plugins bring to it."""
    return page(template, form, **navigation(), **context)


def navigation() -> dict[str, object]:
    """What the base of the area's pages shows."""
    return {"sections": SECTIONS, "entries": operator_entries(portal().clock.now())}


@pages.get("/admin")
@for_operators
def admin() -> ResponseReturnValue:
    """Go to the first section."""
    return redirect(url_for(f"pages.{SECTIONS[0].endpoint}"))
