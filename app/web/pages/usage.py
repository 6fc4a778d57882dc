"""The usage of an account: who or what used the pool in a range of days, as chart and table."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.domain.refusals import InvalidRequest
from app.services.credits.read import usage as usage_of
from app.web.pages.chart import columns, lanes
from app.web.pages.page import Here, in_account, page, pages
from app.web.pages.range import RangeForm, usual_range
from app.web.pages.report import Row, day_rows, rows_of, step_of
from app.web.portal import portal

BY = {"member": "Member", "app": "App", "action": "Action", "day": "Day"}
MOST_LANES = 12


@pages.get("/accounts/<slug>/usage")
@in_account()
def usage(here: Here) -> ResponseReturnValue:
    """Show the report; without a range that of the last thirty days."""
    by = request.args.get("by", "member")
    if by not in BY:
        raise InvalidRequest.of("by", f"Usage is added up by {', '.join(BY)}.")
    form = RangeForm(request.args)
    today = portal().clock.now().date()
    since, until = usual_range(form, today)
    chosen = form.chosen()
    form.show(since, until)
    view = usage_of(here.account, by, since, until)
    span = (since, min(until, today))
    rows = day_rows(view, *span) if by == "day" else rows_of(view, by, chosen)
    return page(
        "usage/usage.html",
        form,
        rows=rows,
        total=view.total,
        chart=_chart(rows, by, since, until) if rows else None,
        step=step_of(*span) if by == "day" else 1,
        by=by,
        subjects=BY,
        since=since,
        until=until,
        chosen=chosen,
    )


def _chart(rows: list[Row], by: str, since: date, until: date) -> Markup:
    heading = f"Credits by {BY[by].lower()}, {since:%d %b %Y} to {until:%d %b %Y}"
    if by == "day":
        return columns(heading, [row.label for row in rows], [row.credits for row in rows])
    most = rows[:MOST_LANES]
    return lanes(heading, [row.label for row in most], [row.credits for row in most])
