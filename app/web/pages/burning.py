"""How a pool is used up over its cycle: the chart of the past, the forecast, and the even pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from markupsafe import Markup

from app.domain.forecast import Forecast, Left
from app.services.usage.forecast import BurnDown
from app.web.pages.chart import curves

A_DAY = timedelta(days=1)
MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of the table behind the chart; what is past has `left`, the rest an outlook."""

    at: datetime
    left: int | None
    outlook: Left | None
    even: int


@dataclass(frozen=True, slots=True)
class Burning:
    """The chart, the table behind it, and the forecast in words."""

    forecast: Forecast
    chart: Markup | None
    moments: list[Moment]
    end: datetime | None


def burning(past: BurnDown | None, foreseen: Forecast, now: datetime) -> Burning:
    """Put what was and what will be into one picture; without a cycle there are only words."""
    if past is None or past.end - past.start <= A_DAY:
        return Burning(foreseen, None, [], None)
    future = [left for left in foreseen.left if left.at <= past.end]
    return Burning(foreseen, _chart(past, future, now), _moments(past, future), past.end)


def _moments(past: BurnDown, future: list[Left]) -> list[Moment]:
    length = past.end - past.start

    def even(at: datetime) -> int:
        return round(past.begun_with * ((past.end - at) / length))

    was = [Moment(point.at, point.left, None, even(point.at)) for point in past.points]
    return was + [Moment(left.at, None, left, even(left.at)) for left in future]


def _chart(past: BurnDown, future: list[Left], now: datetime) -> Markup:
    def place(at: datetime) -> float:
        return round((at - past.start) / A_DAY, 3)

    last = place(now), past.points[-1].left
    series = {
        "left": [(place(point.at), point.left) for point in past.points],
        "likely": [last, *((place(each.at), each.likely) for each in future)],
        "least": [last, *((place(each.at), each.least) for each in future)],
        "most": [last, *((place(each.at), each.most) for each in future)],
        "even": [(0.0, past.begun_with), (place(past.end), 0)],
    }
    heading = "Credits left in this cycle, with the forecast and the even pace"
    return curves(heading, series, {place(at): words for at, words in _labels(past)})


def _labels(past: BurnDown) -> list[tuple[datetime, str]]:
    first = datetime.combine(past.start.astimezone(UTC).date() + A_DAY, time(), UTC)
    days = (past.end - first).days + 1
    step = max(1, -(-days // MOST_LABELS))
    marks = [first + n * A_DAY for n in range(0, days, step)]
    return [(at, f"{at.day} {at:%b}") for at in marks]
