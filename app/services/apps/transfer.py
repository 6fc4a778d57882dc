"""VERB: transfer an app to another account, whose pool pays for it from then on."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Right
from app.services.apps.edit import find_app
from app.services.apps.present import changeable_app, require_writable
from app.services.audit.note import note
from app.services.workspaces.access import access_to, present_access
from app.store.accounts import lock_account
from app.store.apps import App
from app.store.database import transaction
from app.store.tokens import revoke_keys_of_outsiders


def transfer_app(person_id: int, app_id: int, to_slug: str, now: datetime) -> App:
    """Move an app from an account that one owns to another account that one belongs to.

    Keys whose makers don't belong to the other account are revoked: nobody outside may spend
    its credits. Holds in flight complete against the former pool.
    """
    _, source = find_app(person_id, app_id)
    source.require(Right.TRANSFER_APPS)
    try:
        _, target = access_to(person_id, to_slug)
    except NotFound:
        raise NotFound(f"You have no account {to_slug[:40]!r} to transfer it to.") from None
    if source.account_id == target.account_id:
        raise Conflict("The app belongs to that account already.")
    with transaction():
        for account_id in sorted((source.account_id, target.account_id)):
            lock_account(account_id)
        app, present = changeable_app(source, app_id, now)
        present.require(Right.TRANSFER_APPS)
        former = app.account.slug
        app.account, _ = present_access(target, Right.USE_APPS)
        require_writable(target.account_id, now)
        before, after = {"account": former, "app": app.id}, {"account": app.account.slug}
        note("app.transferred_away", source, now, about=app.name, before=before, after=after)
        note("app.transferred_here", target, now, about=app.name, before=before, after=after)
        revoke_keys_of_outsiders(app.id, target.account_id, now)
    return app
