"""The rows of a usage report, and the days of a long range gathered so that they stay few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from markupsafe import Markup

from app.services.usage.ranges import Days, Ranges
from app.services.usage.report import Report, Used
from app.web.pages.wording import day

MOST_ROWS = 53
STEPS = (1, 7, 28, 91, 364)
ONE_DAY = timedelta(days=1)
UsedDaily = Mapping[date, tuple[int, int]]


class Asked(NamedTuple):
    """What a usage page is asked for, and the days it compares with."""

    by: str
    days: Days
    before: Days | None
    ranges: Ranges
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: `label` in the chart, `name` in the table, `wanted` of the history.

    `plain` is the name as text, `detail` what stands below it. `before` are the credits of the
    days that are compared, None where none are. `wanted` finds the lines that add up to this.
    """

    key: str
    label: str
    name: str | Markup
    plain: str
    detail: str
    credits: int
    share: float
    count: int
    before: int | None
    wanted: dict[str, str]


def rows_of(found: Report, asked: Asked) -> list[Row]:
    """One row per member, app or action, the most first."""
    return [_row(used, asked) for used in found.rows]


def _row(used: Used, asked: Asked) -> Row:
    name = Markup("<code>{}</code>").format(used.name) if asked.by == "action" else used.name
    return Row(
        key=used.key,
        label=used.name,
        name=name,
        plain=used.name,
        detail=used.detail,
        credits=used.credits,
        share=used.share,
        count=used.count,
        before=used.before,
        wanted={asked.by: used.key, "kind": "used", **_spelled(asked.days)},
    )


def day_rows(
    used: UsedDaily, days: Days, compared: Days | None, before: UsedDaily | None, *, by_day: bool
) -> list[Row]:
    """One row per day, also for days on which nothing was used; per week or more in long ranges.

    The days that are compared stand beside those in the same place.
    """
    if not used:
        return []
    total = sum(credits for credits, _ in used.values())
    until = max(days.until, *used)
    step = 1 if by_day else step_of(days.since, until)
    shift = days.since - compared.since if compared else ONE_DAY
    starts = [days.since + n * ONE_DAY for n in range(0, (until - days.since).days + 1, step)]
    return [
        _days(used, Days(first, min(first + (step - 1) * ONE_DAY, until)), total, before, shift)
        for first in starts
    ]


def step_of(since: date, until: date) -> int:
    """How many days one row gathers, so that a table of any range can be read."""
    length = (until - since).days + 1
    return next((step for step in STEPS if length <= step * MOST_ROWS), STEPS[-1])


def _days(
    used: UsedDaily, days: Days, total: int, before: UsedDaily | None, shift: timedelta
) -> Row:
    first, last = days.since, days.until
    credits, count = _sum(used, days)
    earlier = None
    if before is not None:
        earlier = _sum(before, Days(first - shift, last - shift))[0]
    return Row(
        key=first.isoformat(),
        label=f"{first.day} {first:%b}",
        name=day(first) if first == last else day(first) + Markup(" to ") + day(last),
        plain=first.isoformat(),
        detail="",
        credits=credits,
        share=credits / total if total else 0.0,
        count=count,
        before=earlier,
        wanted={"kind": "used", **_spelled(days)} if count or credits else {},
    )


def _sum(used: UsedDaily, days: Days) -> tuple[int, int]:
    span = [days.since + n * ONE_DAY for n in range(days.length)]
    found = [used[each] for each in span if each in used]
    return sum(credits for credits, _ in found), sum(count for _, count in found)


def _spelled(days: Days) -> dict[str, str]:
    return {"since": days.since.isoformat(), "until": days.until.isoformat()}
