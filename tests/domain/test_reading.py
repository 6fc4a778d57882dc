"""How people read: zones with their summer time, and numbers in four styles."""

from datetime import UTC, datetime

import pytest

from app.domain.reading import EVERYBODY, MARKS, NumberStyle, Reading, reading_from, zones
from app.domain.refusals import InvalidRequest

JANUARY, JULY = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "whole", "part"),
    [
        ("comma", "1,234,567", "1,234.5"),
        ("point", "1.234.567", "1.234,5"),
        ("space", "1\u202f234\u202f567", "1\u202f234,5"),
        ("apostrophe", "1\u2019234\u2019567", "1\u2019234.5"),
    ],
)
def test_numbers(style, whole, part):
    reading = Reading(numbers=NumberStyle(style))
    assert reading.number(1_234_567) == whole
    assert reading.number(-7) == "\u22127"
    assert reading.decimal(1234.5, 1) == part
    assert reading.decimal(12, 0) == "12"


def test_every_style_has_its_marks():
    assert MARKS.keys() == set(NumberStyle)
    assert all(thousands != point for thousands, point in MARKS.values())


@pytest.mark.parametrize(
    ("zone", "winter", "summer", "hour"),
    [
        ("UTC", "UTC", "UTC", 12),
        ("Europe/Berlin", "CET", "CEST", 14),
        ("America/New_York", "EST", "EDT", 8),
        ("Asia/Kolkata", "IST", "IST", 17),
        ("Asia/Kathmandu", "UTC+5:45", "UTC+5:45", 17),
        ("America/Sao_Paulo", "UTC\u22123", "UTC\u22123", 9),
    ],
)
def test_zones(zone, winter, summer, hour):
    reading = Reading(zone)
    assert (reading.clock(JANUARY), reading.clock(JULY)) == (winter, summer)
    assert reading.local(JULY).hour == hour
    assert reading.local(JULY) == JULY


def test_a_zone_that_is_no_more_is_read_as_utc():
    assert Reading("Atlantis/Capital").clock(JULY) == "UTC"


def test_what_may_be_chosen():
    assert reading_from("UTC", "comma") == EVERYBODY
    assert zones()[0] == "UTC"
    assert {"Europe/Berlin", "Pacific/Auckland"} <= set(zones())
    for wrong in (("Mars/Base", "comma"), ("../../etc/passwd", "comma"), ("UTC", "roman")):
        with pytest.raises(InvalidRequest):
            reading_from(*wrong)
