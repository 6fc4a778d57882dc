"""DOORS, API: pages of lists. A list goes on where the cursor says; only ours are believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.web.api.bodies import Listed
from app.web.api.reading import invalid

Position = TypeVar("Position", int, str)


def sign_cursor(of: str, position: int | str | None) -> str | None:
    """Sign the place where the next page of that list begins; None at its end."""
    return None if position is None else str(_serializer(of).dumps(position))


def read_cursor(of: str, cursor: str | None, kind: type[Position]) -> Position | None:
    """Read a cursor back; refuse one that was made up or belongs to another list."""
    if cursor is None:
        return None
    try:
        position = _serializer(of).loads(cursor)
    except BadSignature:
        raise invalid(
            [("cursor", "is not one of this list; take it from `next` of the page before")]
        ) from None
    assert isinstance(position, kind)
    return position


def part_of(items: Sequence[object], of: str, query: Listed) -> dict[str, Any]:
    """Cut a page out of a list that is short enough to be read whole."""
    first = read_cursor(of, query.cursor, int) or 0
    last = first + query.limit
    following = last if last < len(items) else None
    return {"items": items[first:last], "next": sign_cursor(of, following)}


def page_of(found: Sequence[tuple[int, object]], of: str, query: Listed) -> dict[str, Any]:
    """Show a page of what was found from the cursor on, each with its position.

    One more than the limit was asked for, to know whether another page follows.
    """
    shown = found[: query.limit]
    following = shown[-1][0] if len(found) > query.limit else None
    return {"items": [item for _, item in shown], "next": sign_cursor(of, following)}


def _serializer(of: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"cursor {of}")
