"""Wording: how numbers, instants and the product's own words are written on a page."""

from __future__ import annotations

from datetime import UTC, date, datetime

from markupsafe import Markup, escape

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


def number(value: int) -> str:
    """Write a whole number with its thousands apart and a real minus sign."""
    return f"{value:,}".replace("-", "\u2212")


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
    """Write a day, in UTC, as people read it and as programs do."""
    instant = value.astimezone(UTC) if isinstance(value, datetime) else value
    return _time(instant.isoformat()[:10], f"{instant.day}\u00a0{instant:%b}\u00a0{instant:%Y}")


def iso_day(text: str) -> Markup:
    """Write a day that came as `2026-11-23`."""
    return day(date.fromisoformat(text))


def month(value: datetime) -> str:
    """Write a month, in UTC: `October 2026`."""
    return f"{value.astimezone(UTC):%B %Y}"


def moment(value: datetime) -> Markup:
    """Write an instant to the minute, in UTC."""
    instant = value.astimezone(UTC)
    words = f"{instant.day}\u00a0{instant:%b}\u00a0{instant:%Y}, {instant:%H:%M}\u00a0UTC"
    return _time(f"{instant:%Y-%m-%dT%H:%M:%SZ}", words)


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
    return f"{value / unit:.1f} {name}"


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
