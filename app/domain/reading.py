"""How a person reads: their time zone, and the marks in their numbers.

Days in reports, limits and cycles stay days of UTC; only what is shown as an instant moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from app.domain.refusals import InvalidRequest

MINUS, THIN, NARROW_APOSTROPHE = "\u2212", "\u202f", "\u2019"


class NumberStyle(StrEnum):
    """How a number's thousands and decimals are parted; the value is what addresses say."""

    COMMA = "comma"
    POINT = "point"
    SPACE = "space"
    APOSTROPHE = "apostrophe"


MARKS: dict[NumberStyle, tuple[str, str]] = {
    NumberStyle.COMMA: (",", "."),
    NumberStyle.POINT: (".", ","),
    NumberStyle.SPACE: (THIN, ","),
    NumberStyle.APOSTROPHE: (NARROW_APOSTROPHE, "."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A person's time zone (a name of the IANA database) and number style."""

    zone: str = "UTC"
    numbers: NumberStyle = NumberStyle.COMMA

    def local(self, instant: datetime) -> datetime:
        """The same instant on the clocks of their zone."""
        return instant.astimezone(zone_named(self.zone))

    def number(self, value: int) -> str:
        """Write a whole number with its thousands apart and a real minus sign."""
        return f"{value:,}".replace("-", MINUS).replace(",", MARKS[self.numbers][0])

    def decimal(self, value: float, places: int) -> str:
        """Write a number with that many decimals."""
        thousands, point = MARKS[self.numbers]
        whole, _, part = f"{value:,.{places}f}".replace("-", MINUS).partition(".")
        return whole.replace(",", thousands) + (point + part if part else "")

    def clock(self, instant: datetime) -> str:
        """Name the zone at that instant: `UTC`, `CET`, and `UTC+5:30` where it has no letters."""
        local = self.local(instant)
        name = local.tzname() or ""
        return name if name.isalpha() else _offset(local)


EVERYBODY = Reading()


def reading_from(zone: str, numbers: str) -> Reading:
    """Read what somebody chose; `InvalidRequest` names the field that is wrong."""
    if zone not in zones():
        raise InvalidRequest.of("zone", "Choose a time zone of the list, such as Europe/Berlin.")
    if numbers not in set(NumberStyle):
        raise InvalidRequest.of("numbers", "Choose one of the ways to write numbers.")
    return Reading(zone, NumberStyle(numbers))


@cache
def zones() -> tuple[str, ...]:
    """The zones to choose from: UTC first, then places, by name."""
    places = (zone for zone in available_timezones() if "/" in zone and not _is_old(zone))
    return ("UTC", *sorted(places))


@cache
def zone_named(name: str) -> tzinfo:
    """Find a zone. One that was taken out of the database since is read as UTC."""
    return UTC if name not in zones() or name == "UTC" else ZoneInfo(name)


def _is_old(zone: str) -> bool:
    return zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


def _offset(local: datetime) -> str:
    minutes = round((local.utcoffset() or UTC.utcoffset(None)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = MINUS if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
