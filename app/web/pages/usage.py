"""The usage of an account: who or what used the pool in a range of days, as chart and table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.domain.refusals import InvalidRequest
from app.services.credits.read import pool
from app.services.usage.forecast import burn_down, forecast_of
from app.services.usage.ranges import Days, Ranges, ranges_of
from app.services.usage.report import Report, report, used_daily
from app.web.pages.burning import Burning, burning
from app.web.pages.chart import columns, lanes
from app.web.pages.page import Here, in_account, page, pages
from app.web.pages.range import RangeForm
from app.web.pages.report import Asked, Row, day_rows, rows_of, step_of
from app.web.portal import portal
from app.web.spreadsheet import rows_of as csv_rows

BY = {"member": "Member", "app": "App", "action": "Action", "day": "Day"}
MOST_LANES = 12
AT_ONCE = 25
LAST_PAGE = 1_000_000
SEARCHED_FROM = 10


class Shown(NamedTuple):
    """The rows of one page of the report; totals are of all."""

    rows: list[Row]
    of: int
    credits: int
    before: int | None
    report: Report | None = None


@pages.get("/accounts/<slug>/usage")
@in_account()
def usage(here: Here) -> ResponseReturnValue:
    """Show the report; without a range that of this cycle."""
    form, now = RangeForm(request.args), portal().clock.now()
    asked = _asked(here, form, now)
    chosen = form.chosen()
    form.show(asked.days.since, asked.days.until)
    shown = _shown(here, asked, now, AT_ONCE)
    is_cycle = asked.days == asked.ranges.cycle and asked.number == 1 and not asked.text
    return page(
        "usage/usage.html",
        form,
        asked=asked,
        shown=shown,
        chart=_chart(here, asked, shown.rows) if shown.rows else None,
        step=step_of(asked.days.since, asked.days.until) if asked.by == "day" else 1,
        subjects=BY,
        chosen=chosen,
        burning=_burning(here, now) if is_cycle else None,
        last_page=-(-shown.of // AT_ONCE),
        is_searched=shown.of > SEARCHED_FROM or bool(asked.text),
    )


@pages.get("/accounts/<slug>/usage.csv")
@in_account()
def usage_csv(here: Here) -> ResponseReturnValue:
    """Send the whole report as CSV."""
    form, now = RangeForm(request.args), portal().clock.now()
    form.require_valid()
    asked = _asked(here, form, now)
    shown = _shown(here, asked._replace(number=1), now, None)
    heads = (asked.by, "name", "credits", "actions", "share", "credits_before")
    rows = (
        (row.key, row.plain, row.credits, row.count, f"{row.share:.6f}", row.before)
        for row in shown.rows
    )
    answer = Response(csv_rows([heads, *rows]), mimetype="text/csv")
    name = f"{here.account.slug}-usage-by-{asked.by}-{asked.days.since}-{asked.days.until}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _asked(here: Here, form: RangeForm, now: datetime) -> Asked:
    by = request.args.get("by", "member")
    if by not in BY:
        raise InvalidRequest.of("by", f"Usage is added up by {', '.join(BY)}.")
    ranges = ranges_of(here.account, now)
    days = _days(form, ranges, now.date())
    text = "".join(filter(str.isprintable, request.args.get("search", "")))[:100].strip()
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    return Asked(by, days, ranges.compared_with(days), ranges, text, number)


def _days(form: RangeForm, ranges: Ranges, today: date) -> Days:
    """The days that were asked for; one end alone goes with thirty days, none is the usual."""
    if not form.validate() or not (form.since.data or form.until.data):
        return ranges.default
    until = form.until.data or today
    length = ranges.usual.until - ranges.usual.since
    return Days(form.since.data or min(until, today) - length, max(until, form.since.data or until))


def _shown(here: Here, asked: Asked, now: datetime, most: int | None) -> Shown:
    if asked.by != "day":
        first = (asked.number - 1) * AT_ONCE + 1
        found = report(
            here.account,
            asked.by,
            asked.days,
            asked.before,
            first=first,
            most=most,
            text=asked.text,
        )
        return Shown(rows_of(found, asked), found.of, found.credits, found.before, found)
    end = min(asked.days.until, now.date())
    used = used_daily(here.account, asked.days)
    before = used_daily(here.account, asked.before) if asked.before else None
    total = sum(credits for credits, _ in used.values())
    earlier = None if before is None else sum(credits for credits, _ in before.values())
    rows = day_rows(used, Days(asked.days.since, end), asked.before, before, by_day=most is None)
    return Shown(rows, 0, total, earlier)


def _burning(here: Here, now: datetime) -> Burning | None:
    view = pool(here.account, now)
    past = burn_down(here.account, view, now)
    return burning(past, forecast_of(here.account, now, view), now)


def _chart(here: Here, asked: Asked, rows: list[Row]) -> Markup:
    days = asked.days
    heading = f"Credits by {BY[asked.by].lower()}, {days.since:%d %b %Y} to {days.until:%d %b %Y}"
    draw: Any = columns if asked.by == "day" else lanes
    most = rows if asked.by == "day" else rows[:MOST_LANES]
    links = [_lines(here, row) for row in most]
    return draw(heading, [row.label for row in most], [row.credits for row in most], links)  # type: ignore[no-any-return]


def _lines(here: Here, row: Row) -> str:
    """Where the lines are that add up to a row; empty where there are none."""
    wanted: dict[str, Any] = dict(row.wanted)
    return url_for("pages.history", slug=here.account.slug, **wanted) if wanted else ""
