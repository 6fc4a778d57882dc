"""VERBS: remember how often a key or a site called and what that cost, and show it.

Each process adds up by itself and writes every few seconds; what a budget counts is exact apart
from that, and what was paid stands in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from app.domain.ai_terms import EVER
from app.store.ai_purses import add_use, read_use
from app.store.database import current_engine, read_connection, write_connection

DAYS = 30


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    credits: int = 0
    last_at: datetime = EVER


@dataclass(frozen=True, slots=True)
class Use:
    """What a subject did in the last 30 days, and when it called last, ever."""

    calls: int = 0
    credits: int = 0
    last_at: datetime | None = None


NOT_USED = Use()
_mutex = Lock()
_sums: WeakKeyDictionary[Any, dict[tuple[str, date], _Sum]] = WeakKeyDictionary()


def remember_use(subject: str, credits: int, now: datetime) -> None:
    """Count one call that ended."""
    engine = current_engine()
    with _mutex:
        sums = _sums.setdefault(engine, {})
        found = sums.setdefault((subject, now.astimezone(UTC).date()), _Sum())
        found.calls += 1
        found.credits += credits
        found.last_at = max(found.last_at, now)


def write_use() -> int:
    """Write what this process remembered; returns for how many subjects and days."""
    engine = current_engine()
    with _mutex:
        sums = _sums.pop(engine, {})
    if sums:
        with write_connection(engine) as connection:
            add_use(
                connection,
                [(*key, each.calls, each.credits, each.last_at) for key, each in sums.items()],
            )
    return len(sums)


def use_of(subjects: Iterable[str], now: datetime) -> dict[str, Use]:
    """Tell by subject what it used, with what this process knows and has not written yet."""
    write_use()
    since = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    with read_connection() as connection:
        found = read_use(connection, subjects, since)
    return {each: Use(row.calls, int(row.credits), row.last_at) for each, row in found.items()}
