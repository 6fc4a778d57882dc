"""VERB: list the members of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.cursor import cursor_of, numbers_of_cursor
from app.domain.role import Access, Right
from app.store.accounts import Membership, search_members

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of an account's members; `next` is the cursor of the following ones."""

    items: list[Membership]
    next: str | None


def list_members(
    access: Access, search: str = "", limit: int = 200, cursor: str | None = None
) -> MemberPage:
    """List members whose name or address contains the text, in the order in which they joined."""
    access.require(Right.SEE_ACCOUNT)
    after = None if cursor is None else _place(cursor)
    sought = "".join(filter(str.isprintable, search))[:254].strip()
    found = search_members(access.account_id, sought, after, limit + 1)
    more = len(found) > limit
    return MemberPage(found[:limit], _cursor(found[limit - 1]) if more else None)


def _cursor(place: Membership) -> str:
    return cursor_of((place.joined_at - _EPOCH) // _MICROSECOND, place.person_id)


def _place(cursor: str) -> tuple[datetime, int]:
    at, person_id = numbers_of_cursor(cursor, 2)
    return _EPOCH + min(at, _LATEST) * _MICROSECOND, person_id
