"""The calendar of cycles: from the original anchor, and from nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from app.domain.period import Renews, boundary, period
from tests.domain.sample_pool import BUSINESS, FREE


def on(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def starts(anchor, count, renews=Renews.MONTHLY):
    return [boundary(renews, anchor, index) for index in range(count)]


def test_the_31st_becomes_the_months_last_day_and_comes_back():
    assert starts(on(2026, 1, 31, 9), 6) == [
        on(2026, 1, 31, 9),
        on(2026, 2, 28, 9),
        on(2026, 3, 31, 9),
        on(2026, 4, 30, 9),
        on(2026, 5, 31, 9),
        on(2026, 6, 30, 9),
    ]


@pytest.mark.parametrize(
    ("year", "last"), [(2024, 29), (2025, 28), (2000, 29), (2100, 28), (2028, 29)]
)
@pytest.mark.parametrize("day", [29, 30, 31])
def test_february_ends_when_it_ends(year, last, day):
    assert boundary(Renews.MONTHLY, on(year, 1, day), 1) == on(year, 2, min(day, last))
    assert boundary(Renews.MONTHLY, on(year, 1, day), 2) == on(year, 3, day)


def test_an_anchor_on_29_february_returns_every_leap_year():
    anchor = on(2024, 2, 29)
    assert [boundary(Renews.MONTHLY, anchor, 12 * years) for years in range(5)] == [
        on(2024, 2, 29),
        on(2025, 2, 28),
        on(2026, 2, 28),
        on(2027, 2, 28),
        on(2028, 2, 29),
    ]


def test_december_is_followed_by_january():
    assert starts(on(2025, 11, 30, 23, 59), 4)[1:3] == [
        on(2025, 12, 30, 23, 59),
        on(2026, 1, 30, 23, 59),
    ]


def test_daily_periods_go_from_midnight_to_midnight_in_utc():
    found = period(Renews.DAILY, on(2026, 2, 27, 15, 30), 1)
    assert (found.start, found.end) == (on(2026, 2, 28), on(2026, 3, 1))
    assert boundary(Renews.DAILY, on(2026, 2, 27, 15, 30), 0) == on(2026, 2, 27)


@pytest.mark.parametrize("renews", list(Renews))
def test_an_anchor_in_another_zone_means_the_same_instant(renews):
    tokyo = timezone(timedelta(hours=9))
    anchor = datetime(2026, 2, 1, 3, tzinfo=tokyo)
    assert starts(anchor, 5, renews) == starts(on(2026, 1, 31, 18), 5, renews)


@pytest.mark.parametrize("renews", list(Renews))
@pytest.mark.parametrize("day", range(26, 32))
def test_periods_follow_one_another_without_gap_or_overlap(renews, day):
    anchor = on(2026, 1, day, 13, 7)
    found = [period(renews, anchor, index) for index in range(50)]
    for earlier, later in pairwise(found):
        assert earlier.start < earlier.end == later.start


def test_an_allocation_lives_to_the_end_of_the_next_cycle_or_of_its_own_day():
    anchor = on(2026, 1, 31, 9)
    assert BUSINESS.allocation_expires_at(anchor, 0) == on(2026, 3, 31, 9)
    assert FREE.allocation_expires_at(anchor, 0) == on(2026, 2, 1)
