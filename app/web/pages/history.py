"""The history of an account: filtered, page by page, or all of it as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response, request, stream_with_context
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.domain.role import Access
from app.services.apps.listing import apps_in
from app.services.credits.answers import TransactionView
from app.services.credits.read import TransactionFilter, transactions
from app.services.usage.report import number_of, used_by_all, used_by_one
from app.web.history_csv import as_csv
from app.web.pages.form import options, text_of
from app.web.pages.page import Here, begins_at, in_account, page, pages
from app.web.pages.range import RangeForm
from app.web.pages.wording import KINDS
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.accounts import Account

PAGE = 50
CHUNK = 500


class HistoryForm(RangeForm):
    """What to look for in a history."""

    member = StringField("Member's e-mail", [Length(max=254)])
    app = SelectField("App", default="", validate_choice=False)
    action = StringField("Action", [Length(max=60)])
    kind = SelectField(
        "Kind",
        default="",
        choices=options([("", "All kinds"), ("used", "Used: deductions, refunds"), *KINDS.items()]),
        validate_choice=False,
    )


@pages.get("/accounts/<slug>/history")
@in_account()
def history(here: Here) -> ResponseReturnValue:
    """Show the lines that fit the filter, the newest first."""
    form = _form(here.access)
    before = begins_at()
    now = portal().clock.now()
    found = transactions(here.account, _wanted(form), PAGE + 1, before, now)
    chosen = {name: value for name, value in request.args.items() if value and name in form}
    return page(
        "history/history.html",
        form,
        lines=found[:PAGE],
        older=found[PAGE - 1].seq if len(found) > PAGE else None,
        before=before,
        chosen=chosen,
        used=_used(here.account, form, now),
    )


@pages.get("/accounts/<slug>/history.csv")
@in_account()
def history_csv(here: Here) -> ResponseReturnValue:
    """Send every line that fits the filter as CSV, read chunk by chunk while it is sent."""
    form = _form(here.access)
    form.require_valid()
    chunks = as_csv(_chunks(here.account, _wanted(form)))
    answer = Response(stream_with_context(chunks), mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{here.account.slug}-history.csv"'
    )
    return answer


def _form(access: Access) -> HistoryForm:
    form = HistoryForm(request.args)
    apps = {f"app_{app.id}": app.name for app in apps_in(access)}
    names = {"": "All apps", **apps, "none": "No app"}
    if chosen := text_of(form.app):
        names.setdefault(chosen, chosen)
    form.app.choices = options(names.items())
    return form


def _used(account: Account, form: HistoryForm, now: datetime) -> tuple[int, int] | None:
    """What lines of use add up to, where the sums of usage tell: by one thing at most."""
    by = {name: text for name in ("member", "app", "action") if (text := _sought(form[name]))}
    if form.errors or form.kind.data != "used" or len(by) > 1:
        return None
    days = form.since.data, form.until.data
    for name, text in by.items():
        number = number_of(name, text, now)
        return None if number is None else used_by_one(account, name, number, *days)
    return used_by_all(account, *days)


def _wanted(form: HistoryForm) -> TransactionFilter:
    if not form.validate():
        return TransactionFilter()
    since, until = form.instants()
    return TransactionFilter(
        member=_sought(form.member),
        app=_sought(form.app),
        action=_sought(form.action),
        kind=form.kind.data or None,
        since=since,
        until=until,
    )


def _sought(field: StringField | SelectField) -> str | None:
    """What to look for; letters that nothing can contain become one that nothing does."""
    text = text_of(field).strip()
    return "".join(each if each.isprintable() else "\ufffd" for each in text) or None


def _chunks(account: Account, wanted: TransactionFilter) -> Iterator[list[TransactionView]]:
    """Read the first chunk at once, so that a refusal comes before anything is sent."""
    now = portal().clock.now()
    first = transactions(account, wanted, CHUNK, None, now)

    def rest(chunk: list[TransactionView]) -> Iterator[list[TransactionView]]:
        while chunk:
            yield chunk
            chunk = transactions(account, wanted, CHUNK, chunk[-1].seq, now)

    return rest(first)
