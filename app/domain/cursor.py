"""Cursors: where the next page of a list begins, as opaque text that clients hand back."""

from __future__ import annotations

from app.domain.refusals import InvalidRequest

_MOST_DIGITS = 18


def cursor_of(*numbers: int) -> str:
    """Spell a cursor."""
    return "-".join(map(str, numbers))


def numbers_of_cursor(text: str, count: int) -> tuple[int, ...]:
    """Read a cursor back; raise `InvalidRequest` when it is none of ours."""
    parts = text.split("-")
    if len(parts) != count or not all(map(_is_number, parts)):
        raise InvalidRequest.of("cursor", "Use the cursor that the former page gave.")
    return tuple(map(int, parts))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
