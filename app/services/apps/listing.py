"""VERB: list the apps of an account."""

from __future__ import annotations

from app.domain.role import Access, Right
from app.store.apps import App, apps_of


def apps_in(access: Access) -> list[App]:
    """List an account's apps by name."""
    access.require(Right.SEE_ACCOUNT)
    return apps_of(access.account_id)
