"""The usage of an account: who or what used the pool in a range of days, as chart and table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.domain.refusals import InvalidRequest
from app.services.credits import read
from app.services.credits.answers import UsageItem, UsageView
from app.web.pages.chart import columns, lanes
from app.web.pages.page import Here, in_account, page, pages
from app.web.pages.range import RangeForm
from app.web.portal import portal

if TYPE_CHECKING:
    pass

BY = {"member": "Member", "app": "App", "action": "Action", "day": "Day"}
USUAL = timedelta(days=29)
MOST_DAYS = 92
MOST_LANES = 12
WEEK = 7


@pages.get("/accounts/<slug>/usage")
@in_account()
def usage(here: Here) -> ResponseReturnValue:
    """Show the report; without a range that of the last thirty days."""
    by = request.args.get("by", "member")
    if by not in BY:
        raise InvalidRequest.of("by", f"Usage is added up by {', '.join(BY)}.")
    form = RangeForm(request.args)
    form.validate()
    since, until = _range(form)
    view = read.usage(here.account, by, since, until)
    return page(
        "usage/usage.html",
        form,
        usage=view,
        chart=_chart(view, by, since, until) if view.items else None,
        by=by,
        subjects=BY,
        since=since,
        until=until,
        chosen={name: request.args[name] for name in ("since", "until") if request.args.get(name)},
    )


def _range(form: RangeForm) -> tuple[date, date]:
    today = portal().clock.now().date()
    until = form.until.data or today
    return form.since.data or min(until, today) - USUAL, until


def _chart(view: UsageView, by: str, since: date, until: date) -> Markup:
    heading = f"Credits by {BY[by].lower()}, {since:%d %b %Y} to {until:%d %b %Y}"
    if by != "day":
        most = view.items[:MOST_LANES]
        return lanes(heading, [item.name for item in most], [item.credits for item in most])
    first = max(since, date.fromisoformat(view.items[0].key))
    labels, values = _by_day(view.items, first, min(until, portal().clock.now().date()))
    return columns(heading, labels, values)


def _by_day(items: list[UsageItem], since: date, until: date) -> tuple[list[str], list[int]]:
    """One bar for each day, also for those on which nothing was used; weeks in a long range."""
    used = {date.fromisoformat(item.key): item.credits for item in items}
    until = max(until, *used)
    step = 1 if (until - since).days < MOST_DAYS else WEEK
    starts = [since + timedelta(days=n) for n in range(0, (until - since).days + 1, step)]
    sums = [sum(used.get(day + timedelta(days=n), 0) for n in range(step)) for day in starts]
    return [f"{day.day} {day:%b}" for day in starts], sums
