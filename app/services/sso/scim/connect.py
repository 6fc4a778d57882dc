"""VERBS: let a company's directory reach a workspace by a token, and take the token back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from app.domain.refusals import Unauthenticated
from app.domain.role import Access, Right, may
from app.domain.secret import digest
from app.services.audit.note import note
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import membership
from app.store.database import add, transaction
from app.store.scim import (
    ScimConnection,
    scim_connection,
    scim_connection_by_token,
    touch_scim_connection,
)

TOUCH_EVERY = timedelta(minutes=5)
_RIGHT = Right.MANAGE_SSO


def connection_in(access: Access) -> ScimConnection | None:
    """Find a workspace's connection, for who may change it."""
    access.require(_RIGHT)
    return scim_connection(access.account_id)


def make_scim_token(access: Access, now: datetime) -> tuple[ScimConnection, str]:
    """Make the token of a workspace's directory; the one before stops working at once.

    It works while who made it is owner or admin, and takes out whom they may remove.
    """
    text = f"coffer_d_{secrets.token_urlsafe(32)}"
    with transaction():
        account, present = present_access(access, _RIGHT)
        require_workspace(account)
        connection = scim_connection(account.id)
        if connection is None:
            connection = ScimConnection(account_id=account.id, public_id=secrets.token_hex(12))
            _fill(connection, text, present.person_id, now)
            add(connection)
        else:
            _fill(connection, text, present.person_id, now)
        note("scim.token_made", present, now, after={"ends_in": connection.hint})
    return connection, text


def revoke_scim_token(access: Access) -> None:
    """Let the directory in no more. Who is in stays."""
    with transaction():
        account, _ = present_access(access, _RIGHT)
        connection = scim_connection(account.id)
        if connection is not None:
            connection.token_hash = None
            note("scim.token_revoked", access, before={"ends_in": connection.hint})


def connection_of(public_id: str, token: str, now: datetime) -> ScimConnection:
    """Tell which directory calls; `Unauthenticated` without saying why."""
    is_sound = bool(token) and public_id.isprintable()
    connection = scim_connection_by_token(public_id, digest(token)) if is_sound else None
    if connection is None or connection.account.deleted_at is not None or not is_good(connection):
        raise Unauthenticated("The address and the token don't belong together.")
    used = connection.last_used_at
    if used is None or now >= used + TOUCH_EVERY:
        with transaction():
            touch_scim_connection(connection.account_id, now)
    return connection


def is_good(connection: ScimConnection) -> bool:
    """Tell whether the token works: it is not revoked, and who made it still may make one."""
    place = membership(connection.account_id, connection.made_by_id)
    return connection.token_hash is not None and place is not None and may(place.role, _RIGHT)


def _fill(connection: ScimConnection, text: str, person_id: int, now: datetime) -> None:
    connection.token_hash, connection.hint = digest(text), text[-4:]
    connection.made_by_id, connection.made_at = person_id, now
