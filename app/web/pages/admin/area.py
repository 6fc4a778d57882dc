"""The operator's area: its door, and the sections that its navigation shows.

A new section is a module beside this one, a line in GROUPS, and a line in the pages' subjects.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple, ParamSpec

from flask import request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.domain.refusals import NotFound
from app.services.plugins.answer_page import operator_entries
from app.web.login import current_person
from app.web.pages.form import Form
from app.web.pages.page import page
from app.web.portal import portal

P = ParamSpec("P")


class Section(NamedTuple):
    """A page of the area's navigation. `under` are the beginnings of the names of its pages."""

    endpoint: str
    words: str
    under: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> bool:
        """Tell whether that page (endpoint) stands under this section."""
        return endpoint == self.endpoint or endpoint.startswith(self.under)


class Group(NamedTuple):
    """Sections that belong together: one entry of the first row; the second row shows them."""

    words: str
    icon: str
    sections: tuple[Section, ...]


UNDER_PLUGINS = ("admin_plugin", "operator_plugin")
GROUPS = (
    Group("Overview", "speedometer2", (Section("admin", "Overview"),)),
    Group(
        "Accounts",
        "people",
        (
            Section("admin_accounts", "Accounts", ("admin_account",)),
            Section("admin_people", "People", ("admin_person", "admin_see_as")),
        ),
    ),
    Group(
        "Money",
        "credit-card",
        (
            Section("admin_catalogue", "Catalogue", ("admin_catalogue_",)),
            Section(
                "admin_payments", "Payments", ("admin_payment", "admin_compare", "admin_settle")
            ),
            Section("admin_invoices", "Invoices", ("admin_invoice",)),
            Section("admin_cycles", "Cycles", ("admin_cycle",)),
            Section("admin_ledger", "Ledger", ("admin_ledger",)),
        ),
    ),
    Group("Plugins", "puzzle", (Section("admin_plugins", "Plugins", UNDER_PLUGINS),)),
    Group("Audit log", "list-ul", (Section("admin_audit", "Audit log"),)),
    Group(
        "Installation",
        "hdd-stack",
        (
            Section("admin_health", "Health"),
            Section("admin_settings", "Settings"),
            Section("admin_mails", "Mails", ("admin_mail",)),
        ),
    ),
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
    """What the base of the area's pages shows: groups, the present one, pages of plugins."""
    endpoint = (request.endpoint or "").removeprefix("pages.")
    here = [(group, each) for group in GROUPS for each in group.sections if each.holds(endpoint)]
    group, section = here[0] if here else (None, None)
    entries = operator_entries(portal().clock.now())
    return {"groups": GROUPS, "group": group, "section": section, "entries": entries}
