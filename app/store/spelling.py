"""Spelling: how SQLite keeps instants, days and JSON, and how they are read again.

Thousands of rows share a few instants: each is spelled once and remembered for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import JSON, Boolean, Date

from app.store.database import Instant

MOST_INSTANTS = 4_096


@lru_cache(MOST_INSTANTS)
def instant_text(value: datetime | None) -> str | None:
    """Spell an instant as sortable text, in UTC."""
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(MOST_INSTANTS)
def instant_from(text: str | None) -> datetime | None:
    """Read an instant."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def encode(value: object) -> str | None:
    """Spell a value as JSON."""
    return None if value is None else orjson.dumps(value, default=tuple).decode()


def decode(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    """Read a value from JSON."""
    return None if text is None else orjson.loads(text)


def truth_from(number: int | None) -> bool | None:
    """Read a truth, which SQLite keeps as a number."""
    return None if number is None else bool(number)


def day_from(text: str | None) -> date | None:
    """Read a day."""
    return None if text is None else date.fromisoformat(text)


READERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Instant, instant_from),
    (JSON, decode),
    (Boolean, truth_from),
    (Date, day_from),
)
