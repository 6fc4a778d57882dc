"""Accounts for the operator: looked for among all of them, page by page."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.services.desk.find_accounts import AccountsSought, AccountState, find_accounts
from app.services.directory import directory
from app.store.accounts import AccountKind
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.form import Form, options, text_of
from app.web.pages.page import begins_at, pages
from app.web.portal import portal

STATES = {
    AccountState.LOW: "Low on credits (paid plans)",
    AccountState.EMPTY: "Empty pool (paid plans)",
    AccountState.PAST_DUE: "Payment missing",
    AccountState.SUSPENDED: "Suspended",
    AccountState.DELETED: "Deleted",
}
E = TypeVar("E", bound=StrEnum)


class AccountsForm(Form):
    """What to look for."""

    class Meta:
        csrf = False

    text = StringField("Name, address, or a member's e-mail", [Length(max=254)])
    plan = SelectField("Plan", default="", validate_choice=False)
    kind = SelectField(
        "Kind",
        default="",
        choices=options([("", "All"), ("workspace", "Workspaces"), ("personal", "Personal")]),
        validate_choice=False,
    )
    state = SelectField(
        "State",
        default="",
        choices=options([("", "All that stand"), *STATES.items()]),
        validate_choice=False,
    )


@pages.get("/admin/accounts")
@for_operators
def admin_accounts() -> ResponseReturnValue:
    """List the accounts that fit, the newest first."""
    now = portal().clock.now()
    form = AccountsForm(request.args)
    plans = directory().catalogue(now).plans.values()
    form.plan.choices = options([("", "All plans"), *((each.key, each.name) for each in plans)])
    found = find_accounts(_sought(form), now, before=begins_at())
    chosen = {name: value for name, value in request.args.items() if value and name in form}
    return admin_page("admin/accounts.html", form, found=found, chosen=chosen, before=begins_at())


def sought_text(field: StringField | SelectField) -> str | None:
    """What to look for; letters that nothing can contain become one that nothing does."""
    text = text_of(field).strip()
    return "".join(each if each.isprintable() else "\ufffd" for each in text) or None


def one_of(kind: type[E], text: str | None) -> E | None:
    """The value with that text, or None where there is none."""
    return next((each for each in kind if each.value == text), None)


def _sought(form: AccountsForm) -> AccountsSought:
    if not form.validate():
        return AccountsSought()
    return AccountsSought(
        sought_text(form.text),
        sought_text(form.plan),
        one_of(AccountKind, form.kind.data),
        one_of(AccountState, form.state.data),
    )
