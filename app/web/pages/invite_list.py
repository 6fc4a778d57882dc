"""A list of people to invite: what is wrong with which line, sending it, and what became of it."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app.domain.invite_list import LineState
from app.domain.reference import numbers_of
from app.domain.role import Right
from app.services.workspaces.check_list import ListView, find_list, lines_of
from app.services.workspaces.send_list import send_list
from app.web.pages.form import Form
from app.web.pages.page import Here, in_account, page, pages
from app.web.portal import portal
from app.web.spreadsheet import rows_of as csv_rows

SHOWN = 100
SHOWN_REFUSED = 300


@pages.route("/accounts/<slug>/invite/<reference>", methods=["GET", "POST"])
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def invite_list(here: Here, reference: str) -> ResponseReturnValue:
    """Show a list before, while and after it is sent; send it off, or go on with it."""
    found, form = listed(here, reference), Form()
    if form.validate_on_submit():
        send_list(here.access, found.row.id, portal().clock.now())
        return redirect(
            url_for("pages.invite_list", slug=here.account.slug, reference=reference), 303
        )
    return page(
        "members/invite_list.html",
        form,
        found=found,
        reference=reference,
        refused=lines_of(found, LineState.REFUSED, SHOWN_REFUSED),
        ready=lines_of(found, LineState.READY, SHOWN) if found.row.sent_at is None else [],
    )


@pages.get("/accounts/<slug>/invite/<reference>.csv")
@in_account(Right.MANAGE_MEMBERS, workspace=True)
def invite_list_csv(here: Here, reference: str) -> ResponseReturnValue:
    """Send every line with what became of it, as CSV."""
    lines = lines_of(listed(here, reference))
    rows = ((one.line, one.email, one.role, one.state, one.reason) for one in lines)
    text = csv_rows([("line", "email", "role", "state", "reason"), *rows])
    answer = Response(text, mimetype="text/csv")
    name = f"{here.account.slug}-invitations-{reference}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def listed(here: Here, reference: str) -> ListView:
    """Find the list that an address names."""
    return find_list(here.access, *numbers_of("list", reference, 1))


def written(found: ListView) -> str:
    """The list as text that can be mended and checked again."""
    return "\n".join(f"{one.email}, {one.role}" for one in lines_of(found))
