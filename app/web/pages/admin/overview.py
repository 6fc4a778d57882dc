"""The operator's first page: what has to be looked at, and where it is mended."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from flask import url_for
from flask.typing import ResponseReturnValue

from app.services.desk.attention import Matter, Place, overview
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.page import pages
from app.web.portal import portal

WHERE = {
    Place.PAYMENTS: ("admin_payments", "See the payments"),
    Place.PLUGIN: ("admin_plugin", "See the plugin"),
    Place.ACCOUNTS: ("admin_accounts", "See the accounts"),
    Place.HEALTH: ("admin_health", "See the health page"),
    Place.MAILS: ("admin_mails", "See the mails"),
    Place.LEDGER: ("admin_ledger", "See the audit"),
    Place.AUDIT: ("admin_audit", "See what happened"),
}


@pages.get("/admin")
@for_operators
def admin() -> ResponseReturnValue:
    """Show what needs attention; calm when nothing does."""
    found = overview(portal().clock.now())
    matters = [(each, *_way(each)) for each in found.matters]
    return admin_page("admin/overview.html", found=found, matters=matters, version=our_version())


def our_version() -> str:
    """Which version of Coffer this is."""
    try:
        return version("coffer")
    except PackageNotFoundError:
        return "unknown"


def _way(matter: Matter) -> tuple[str, str]:
    """The address where it is mended, and the words of the link."""
    endpoint, words = WHERE[matter.place]
    values = {"name": matter.which} if matter.place is Place.PLUGIN else {}
    if matter.place is Place.ACCOUNTS:
        values = {"state": matter.which}
    if matter.place is Place.AUDIT:
        values = {"kind": matter.which}
    return url_for(f"pages.{endpoint}", **values), words  # type: ignore[arg-type]
