"""The audit log of an account: who changed what, filtered, page by page, or all of it as CSV."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.domain.audit_kind import FAMILIES
from app.domain.role import Right
from app.services.audit.read import AuditFilter, AuditView, audit_of
from app.web.audit_csv import CHUNK, audit_csv
from app.web.pages.form import options, text_of
from app.web.pages.page import Here, begins_at, in_account, page, pages
from app.web.pages.range import RangeForm

PAGE = 50


class AuditForm(RangeForm):
    """What to look for in an audit log."""

    person = StringField("Who (e-mail, or part of a name)", [Length(max=254)])
    kind = SelectField(
        "About",
        default="",
        choices=options([("", "Everything"), *FAMILIES.items()]),
        validate_choice=False,
    )
    text = StringField("Words", [Length(max=100)])


@pages.get("/accounts/<slug>/audit")
@in_account(Right.SEE_AUDIT)
def audit(here: Here) -> ResponseReturnValue:
    """Show the lines that fit the filter, the newest first."""
    form = AuditForm(request.args)
    found = audit_of(here.access, wanted(form), PAGE + 1, begins_at())
    return page("audit/audit.html", form, **shown(form, found))


@pages.get("/accounts/<slug>/audit.csv")
@in_account(Right.SEE_AUDIT)
def account_audit_csv(here: Here) -> ResponseReturnValue:
    """Send every line that fits the filter as CSV, read chunk by chunk while it is sent."""
    form = AuditForm(request.args)
    form.require_valid()
    sought = wanted(form)
    return audit_csv(lambda last: audit_of(here.access, sought, CHUNK, last), here.account.slug)


def shown(form: AuditForm, found: list[AuditView]) -> dict[str, object]:
    """What the table and its pager are made of."""
    chosen = {name: value for name, value in request.args.items() if value and name in form}
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return {"lines": found[:PAGE], "older": older, "before": begins_at(), "chosen": chosen}


def wanted(form: AuditForm, account: str | None = None) -> AuditFilter:
    """What the form asks for; nothing in particular while there is something to mend in it."""
    if not form.validate():
        return AuditFilter(account=account)
    since, until = form.instants()
    kind, person, text = (_sought(field) for field in (form.kind, form.person, form.text))
    return AuditFilter(person, kind, text, since, until, account)


def _sought(field: StringField | SelectField) -> str | None:
    """What to look for; letters that nothing can contain become one that nothing does."""
    text = text_of(field).strip()
    return "".join(each if each.isprintable() else "\ufffd" for each in text) or None
