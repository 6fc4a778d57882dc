"""The rows of a usage report, and the days of a long range gathered so that they stay few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from app.services.credits.answers import UsageItem, UsageView
from app.web.pages.wording import day

MOST_ROWS = 62
STEPS = (1, 7, 28, 91, 364)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: `label` in the chart, `name` in the table, `wanted` of the history.

    `wanted` is empty where no history fits, such as for actions that no app is named for.
    """

    key: str
    label: str
    name: str | Markup
    credits: int
    share: float
    count: int
    wanted: dict[str, str]


def rows_of(view: UsageView, by: str, chosen: dict[str, str]) -> list[Row]:
    """One row per member, app or action, the most first."""
    return [_row(item, by, chosen) for item in view.items]


def _row(item: UsageItem, by: str, chosen: dict[str, str]) -> Row:
    label = item.name if item.key else item.name.capitalize()
    name = Markup("<code>{}</code>").format(label) if by == "action" else label
    wanted = chosen | {by: item.key} if item.key else {}
    return Row(item.key, label, name, item.credits, item.share, item.count, wanted)


def day_rows(view: UsageView, since: date, until: date) -> list[Row]:
    """One row per day, also for days on which nothing was used; per week or more in long ranges."""
    if not view.items:
        return []
    used = {date.fromisoformat(item.key): item for item in view.items}
    until, step = max(until, *used), step_of(since, until)
    starts = [since + n * ONE_DAY for n in range(0, (until - since).days + 1, step)]
    return [_days(view, used, first, min(first + (step - 1) * ONE_DAY, until)) for first in starts]


def step_of(since: date, until: date) -> int:
    """How many days one row gathers, so that a table of any range can be read."""
    length = (until - since).days + 1
    return next((step for step in STEPS if length <= step * MOST_ROWS), STEPS[-1])


def _days(view: UsageView, used: dict[date, UsageItem], first: date, last: date) -> Row:
    span = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    items = [used[each] for each in span if each in used]
    credits = sum(item.credits for item in items)
    return Row(
        key=first.isoformat(),
        label=f"{first.day} {first:%b}",
        name=day(first) if first == last else day(first) + Markup(" to ") + day(last),
        credits=credits,
        share=credits / view.total if view.total else 0.0,
        count=sum(item.count for item in items),
        wanted={"since": first.isoformat(), "until": last.isoformat()} if items else {},
    )
