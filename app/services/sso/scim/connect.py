"""VERBS: let a company's directory reach a workspace by a token, and take the token back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from app.domain.refusals import Unauthenticated
from app.domain.role import Access, Right
from app.domain.secret import digest
from app.services.workspaces.access import present_access, require_workspace
from app.store.database import add, transaction
from app.store.scim import (
    ScimConnection,
    scim_connection,
    scim_connection_by_token,
    touch_scim_connection,
)

TOUCH_EVERY = timedelta(minutes=5)


def connection_in(access: Access) -> ScimConnection | None:
    """Find a workspace's connection, for who may change it."""
    access.require(Right.MANAGE_SSO)
    return scim_connection(access.account_id)


def make_scim_token(access: Access, now: datetime) -> tuple[ScimConnection, str]:
    """Make the token of a workspace's directory; the one before stops working at once.

    Whom the directory may take out is what who makes the token may.
    """
    text = f"coffer_d_{secrets.token_urlsafe(32)}"
    with transaction():
        account, present = present_access(access, Right.MANAGE_SSO)
        require_workspace(account)
        connection = scim_connection(account.id)
        if connection is None:
            connection = ScimConnection(account_id=account.id, public_id=secrets.token_hex(12))
            _fill(connection, text, present.person_id, now)
            add(connection)
        else:
            _fill(connection, text, present.person_id, now)
    return connection, text


def revoke_scim_token(access: Access) -> None:
    """Let the directory in no more. Who is in stays."""
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        connection = scim_connection(account.id)
        if connection is not None:
            connection.token_hash = None


def connection_of(public_id: str, token: str, now: datetime) -> ScimConnection:
    """Tell which directory calls; `Unauthenticated` without saying why."""
    connection = scim_connection_by_token(public_id, digest(token)) if token else None
    if connection is None or connection.account.deleted_at is not None:
        raise Unauthenticated("The address and the token don't belong together.")
    used = connection.last_used_at
    if used is None or now >= used + TOUCH_EVERY:
        with transaction():
            touch_scim_connection(connection.account_id, now)
    return connection


def _fill(connection: ScimConnection, text: str, person_id: int, now: datetime) -> None:
    connection.token_hash, connection.hint = digest(text), text[-4:]
    connection.made_by_id, connection.made_at = person_id, now
