"""Wording: how numbers, instants and the product's own words are written on a page.

Each person reads in a time zone and number style of their own; days of reports are days of UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import g, has_request_context
from markupsafe import Markup, escape

from app.domain.reading import EVERYBODY, Reading
from app.services.people.reading import reading_of
from app.web.login import current_person, is_signed_in

SOURCES = {"allocation": "Allocation", "top_up": "Top-up", "adjustment": "Adjustment"}
KINDS = {
    "allocation": "Allocation",
    "top_up": "Top-up",
    "deduction": "Deduction",
    "refund": "Refund",
    "expiry": "Expiry",
    "adjustment": "Adjustment",
}
LEAST_SHARE = 0.005
ROLES = {"owner": "Owner", "admin": "Admin", "member": "Member"}


def reading() -> Reading:
    """How whoever asked for this page reads; looked up once per request."""
    if not has_request_context():
        return EVERYBODY
    if "reading" not in g:
        g.reading = reading_of(current_person().id) if is_signed_in() else EVERYBODY
    return g.reading  # type: ignore[no-any-return]


def number(value: int) -> str:
    """Write a whole number with its thousands apart and a real minus sign."""
    return reading().number(value)


def signed(value: int) -> str:
    """Write a change of a balance: `+300`, `\u22124`."""
    return f"+{number(value)}" if value > 0 else number(value)


def count(value: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: `1 credit`, `5 credits`."""
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """Write a share of the total."""
    return "under 1%" if 0 < share < LEAST_SHARE else f"{share:.0%}"


def day(value: datetime | date) -> Markup:
    """Write a day, as people read it and as programs do; of an instant, the one in their zone."""
    there = reading().local(value) if isinstance(value, datetime) else value
    return _time(there.isoformat()[:10], f"{there.day}\u00a0{there:%b}\u00a0{there:%Y}")


def iso_day(text: str) -> Markup:
    """Write a day that came as `2026-11-23`."""
    return day(date.fromisoformat(text))


def month(value: datetime) -> str:
    """Write a month, in UTC: `October 2026`."""
    return f"{value.astimezone(UTC):%B %Y}"


def moment(value: datetime) -> Markup:
    """Write an instant to the minute, with the zone's name."""
    there, zone = reading().local(value), reading().clock(value)
    words = f"{there.day}\u00a0{there:%b}\u00a0{there:%Y}, {there:%H:%M}\u00a0{zone}"
    return _time(f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", words)


def kind(value: str) -> str:
    """Name a kind of transaction, a source of credits or a role."""
    return KINDS.get(value) or ROLES.get(value) or value.replace("_", " ").capitalize()


def browser(user_agent: str) -> str:
    """Name a browser and its system out of what it says about itself."""
    browsers = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
    systems = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "CrOS", "Linux")
    names = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}
    seen = [next((n for n in known if n in user_agent), "") for known in (browsers, systems)]
    return " on ".join(names.get(word, word) for word in seen if word) or "Unknown browser"


def size(value: int) -> str:
    """Write a number of bytes, to the nearest tenth: `12 bytes`, `3.4 kB`, `1.0 MB`."""
    kilo, mega = 1000, 1_000_000
    if value < kilo:
        return count(value, "byte")
    unit, name = (kilo, "kB") if value < mega - kilo // 20 else (mega, "MB")
    return f"{reading().decimal(value / unit, 1)} {name}"


def _time(machine: str, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, escape(words))


def address(text: str) -> Markup:
    """Write an e-mail address that a line may be broken after its @, before anywhere else."""
    local, _, domain = text.rpartition("@")
    return Markup("{}@<wbr>{}").format(local, domain)


FILTERS = {
    "address": address,
    "number": number,
    "signed": signed,
    "count": count,
    "percent": percent,
    "day": day,
    "month": month,
    "iso_day": iso_day,
    "moment": moment,
    "kind": kind,
    "browser": browser,
    "size": size,
}
