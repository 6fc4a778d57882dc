"""The calendar of cycles against an independent model: day by day, from the original anchor."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.domain.catalogue import Plan
from app.domain.period import Renews, boundary
from app.domain.pool import Pool
from app.domain.settlement import settle, start_plan

MONTHS = 36
DAYS = (1, 15, 28, 29, 30, 31)
YEARS = (2023, 2024, 2025, 2026, 2028)  # common, leap, common, common, leap
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)
TIMES = (time(0, 0), time(12, 30), time(23, 59, 59, 999_999))
MONTHLY = Plan("m", "Monthly", 100, Renews.MONTHLY, 150, workspaces=True)
DAILY = Plan("d", "Daily", 5, Renews.DAILY, None, workspaces=False)


def last_day(year, month):
    """The last day of a month: the one before the first of the next."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return (first_of_next - timedelta(days=1)).day


def expected_boundaries(anchor):
    """Walk month by month: the anchor's day, or the month's last when it has no such day."""
    year, month = anchor.year, anchor.month
    found = []
    for _ in range(MONTHS + 1):
        day = min(anchor.day, last_day(year, month))
        at = datetime.combine(date(year, month, day), anchor.timetz())
        found.append(at)
        month += 1
        if month == 13:
            year, month = year + 1, 1
    return found


def anchors():
    """Every anchor day in every month that has it, at several times of day."""
    for year in YEARS:
        for month in range(1, 13):
            for day in DAYS:
                if day <= last_day(year, month):
                    for at in TIMES:
                        yield datetime.combine(date(year, month, day), at, UTC)


def clock_changes(zone, year):
    """The instants in a year at which a zone's offset changes, to the minute."""
    here = ZoneInfo(zone)
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        later = at + timedelta(days=1)
        if at.astimezone(here).utcoffset() != later.astimezone(here).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(here).utcoffset() == at.astimezone(here).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high.replace(second=0, microsecond=0)
        at = later


def opened_by(plan, anchor, until):
    """The periods that a pool really opens, one by one."""
    pool = Pool(1, seq=0, balance=0, held=0, grant_count=0, hold_count=0, at=anchor)
    start_plan(pool, plan, anchor, anchor)
    settle(pool, until, {plan.key: plan})
    assert pool.is_sound()
    return pool


def test_every_anchor_over_three_years():
    count = 0
    for anchor in anchors():
        expected = expected_boundaries(anchor)
        found = [boundary(Renews.MONTHLY, anchor, index) for index in range(MONTHS + 1)]
        assert found == expected, anchor
        count += 1
    assert count == sum(
        len(TIMES) for y in YEARS for m in range(1, 13) for d in DAYS if d <= last_day(y, m)
    )


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("year", YEARS)
def test_periods_are_opened_at_these_instants_and_no_other(year, day):
    anchor = datetime(year, 1, day, 9, 30, tzinfo=UTC)
    expected = expected_boundaries(anchor)
    pool = opened_by(MONTHLY, anchor, expected[-1] - timedelta(microseconds=1))
    assert [(p.period.start, p.period.end) for p in pool.opened] == list(pairwise(expected))
    allocations = [line.at for line in pool.lines if line.kind.value == "allocation"]
    assert allocations == expected[:-1]
    settle(pool, expected[-1], {"m": MONTHLY})
    assert pool.opened[-1].period.start == expected[-1]


@pytest.mark.parametrize("zone", ZONES)
def test_where_clocks_change_the_instant_stays(zone):
    """A cycle renews at one instant in UTC; what a zone's clocks show then is for display."""
    here = ZoneInfo(zone)
    changes = [at for year in YEARS for at in clock_changes(zone, year)]
    assert changes or zone in ("UTC", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia")
    local_noons = [datetime(2024, 3, day, 2, 30, tzinfo=here).astimezone(UTC) for day in (10, 31)]
    around = [at + shift for at in changes for shift in (-MINUTE, timedelta(), MINUTE)]
    for anchor in around + local_noons:
        expected = expected_boundaries(anchor)
        found = [boundary(Renews.MONTHLY, anchor.astimezone(here), i) for i in range(MONTHS + 1)]
        assert found == expected, anchor
        for earlier, later in pairwise(found):
            assert timedelta(days=28) <= later - earlier <= timedelta(days=31)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_utc_whatever_clocks_show(zone):
    for year in YEARS:
        for change in clock_changes(zone, year):
            start = datetime.combine(change.date() - timedelta(days=1), time(15), UTC)
            pool = opened_by(DAILY, start, start + timedelta(days=3))
            midnights = [
                datetime.combine(change.date() + timedelta(days=n), time(), UTC) for n in range(3)
            ]
            assert [p.period.start for p in pool.opened[1:]] == midnights
            assert pool.available(pool.at) == 5
    assert opened_by(DAILY, datetime(2024, 2, 28, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))


def test_february_of_leap_and_common_years():
    for year in (1996, 2000, 2023, 2024, 2025, 2096, 2100, 2400):
        anchor = datetime(year, 1, 31, 7, tzinfo=UTC)
        leap = last_day(year, 2) == 29
        assert leap == (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        assert boundary(Renews.MONTHLY, anchor, 1).day == last_day(year, 2)
        assert boundary(Renews.MONTHLY, anchor, 2).day == 31
