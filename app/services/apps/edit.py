"""VERBS: create, edit and delete the apps of an account."""

from __future__ import annotations

from datetime import datetime

from app.domain.name import name_from, text_from
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.apps.present import changeable_app, present_app, require_writable
from app.services.audit.note import note
from app.services.workspaces.access import present_access
from app.store.accounts import membership
from app.store.apps import App, app_by_id
from app.store.database import add, transaction
from app.store.tokens import revoke_keys_of_app


def find_app(person_id: int, app_id: int) -> tuple[App, Access]:
    """Find an app and the person's standing in its account; `NotFound` for outsiders."""
    app = app_by_id(app_id)
    if app is None or app.deleted_at is not None or app.account.deleted_at is not None:
        raise NotFound
    place = membership(app.account_id, person_id)
    if place is None:
        raise NotFound
    return app, Access(app.account_id, person_id, place.role)


def create_app(access: Access, name: str, description: str, now: datetime) -> App:
    """Create an app in an account, which owns it."""
    tidy_name, tidy_text = name_from(name), text_from(description, "description")
    with transaction():
        account, present = present_access(access, Right.USE_APPS)
        require_writable(account.id, now)
        app = App(
            account_id=account.id,
            name=tidy_name,
            description=tidy_text,
            created_by_id=present.person_id,
            created_at=now,
        )
        add(app)
        note("app.created", present, now, about=tidy_name, after={"app": app.id})
    return app


def edit_app(
    access: Access,
    app_id: int,
    now: datetime,
    *,
    name: str | None = None,
    description: str | None = None,
) -> App:
    """Change an app's name, its description, or both."""
    tidy_name = None if name is None else name_from(name)
    tidy_text = None if description is None else text_from(description, "description")
    with transaction():
        app, present = changeable_app(access, app_id, now)
        before = {"name": app.name, "description": app.description}
        app.name = app.name if tidy_name is None else tidy_name
        app.description = app.description if tidy_text is None else tidy_text
        after = {"name": app.name, "description": app.description}
        note(
            "app.edited",
            present,
            now,
            about=app.name,
            before=before,
            after={"app": app.id, **after},
        )
    return app


def delete_app(access: Access, app_id: int, now: datetime) -> App:
    """Delete an app and revoke its keys; the history keeps its name."""
    with transaction():
        app, present = present_app(access, app_id)
        present.require_app(app.created_by_id)
        app.deleted_at = now
        note("app.deleted", present, now, about=app.name, before={"app": app.id})
        revoke_keys_of_app(app.id, now)
    return app
