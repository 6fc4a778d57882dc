"""VERBS: lock an account and find its app, to change it or to take something away from it.

They run first in a transaction. A workspace whose subscription lapsed is read-only (PRODUCT,
Workspaces): only what takes away, or ends what may be spent, asks for no more than
`present_app`.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import NotFound, WorkspaceSuspended
from app.domain.role import Access, Right
from app.services.workspaces.access import present_access
from app.store.apps import App, app_by_id
from app.store.database import current_connection
from app.store.history import read_pool


def changeable_app(access: Access, app_id: int, now: datetime) -> tuple[App, Access]:
    """An app that may be changed now; `WorkspaceSuspended` in a read-only workspace."""
    app, present = present_app(access, app_id)
    require_writable(app.account_id, now)
    return app, present


def present_app(access: Access, app_id: int) -> tuple[App, Access]:
    """The app as it is now, and the person's standing; `NotFound` when it is gone from there."""
    account, present = present_access(access, Right.USE_APPS)
    app = app_by_id(app_id)
    if app is None or app.account_id != account.id or app.deleted_at is not None:
        raise NotFound
    return app, present


def require_writable(account_id: int, now: datetime) -> None:
    """Raise `WorkspaceSuspended` once the grace of a lapsed subscription is over."""
    pool = read_pool(current_connection(), account_id)
    if pool is not None and pool.suspends_at is not None and now >= pool.suspends_at:
        raise WorkspaceSuspended(
            "The subscription lapsed, so this workspace is read-only. "
            "Nothing is lost; paying restores it."
        )
