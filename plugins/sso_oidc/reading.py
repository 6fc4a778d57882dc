"""Reading JSON of strangers: one object, each name once, numbers that are numbers."""

from __future__ import annotations

import json
from typing import Any, NoReturn

Pairs = list[tuple[str, Any]]


class StrictDecoder(json.JSONDecoder):
    """Refuses names that come twice, and NaN and Infinity, which are no JSON."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_each_once, parse_constant=_no_number)


def object_in(text: str | bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        found = json.loads(text, cls=StrictDecoder)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def texts_in(value: object) -> tuple[str, ...]:
    """The texts in a list; nothing for what is no list of texts."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    return ()


def _each_once(pairs: Pairs) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
