"""VERB: list the apps of an account."""

from __future__ import annotations

from app.domain.role import Access, Right
from app.store.apps import App, app_by_id, apps_of, apps_sought


def apps_in(access: Access) -> list[App]:
    """List an account's apps by name."""
    access.require(Right.SEE_ACCOUNT)
    return apps_of(access.account_id)


def list_apps(
    access: Access, search: str = "", limit: int = 200, after: int | None = None
) -> list[App]:
    """List an account's apps by name, a part at a time: those after the app `after`.

    `search` is part of a name or description, whatever the case of its letters.
    """
    access.require(Right.SEE_ACCOUNT)
    last = app_by_id(after) if after is not None else None
    if last is not None and last.account_id != access.account_id:
        last = None
    return apps_sought(access.account_id, search.strip(), limit, last)
