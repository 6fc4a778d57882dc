"""The operator's view of the audit log: all accounts and the installation itself."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Length

from app.domain.refusals import NotFound
from app.services.audit.read import AuditFilter, AuditView, audit_of_all
from app.web.audit_csv import CHUNK, audit_csv
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.audit import PAGE, AuditForm, shown, wanted
from app.web.pages.form import text_of
from app.web.pages.page import begins_at, pages


class AdminAuditForm(AuditForm):
    """The same, in one account or the installation, too."""

    account = StringField("Account (its address; - for the installation)", [Length(max=40)])


@pages.get("/admin/audit")
@for_operators
def admin_audit() -> ResponseReturnValue:
    """Show the lines that fit the filter, the newest first."""
    form = AdminAuditForm(request.args)
    found: list[AuditView] = []
    try:
        found = audit_of_all(_wanted(form), PAGE + 1, begins_at())
    except NotFound as refusal:
        form.account.errors = [refusal.detail]
    return admin_page("admin/audit.html", form, **shown(form, found))


@pages.get("/admin/audit.csv")
@for_operators
def admin_audit_csv() -> ResponseReturnValue:
    """Send every line that fits the filter as CSV."""
    form = AdminAuditForm(request.args)
    form.require_valid()
    sought = _wanted(form)
    return audit_csv(lambda last: audit_of_all(sought, CHUNK, last), "coffer")


def _wanted(form: AdminAuditForm) -> AuditFilter:
    return wanted(form, text_of(form.account).strip() or None)
