"""VERB that reads: the key of an app, with its account locked and the person's standing now."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import NotFound
from app.domain.role import Access
from app.services.apps.present import present_app, require_writable
from app.store.tokens import Token, TokenKind, token_by_id


def present_key(access: Access, token_id: int) -> tuple[Token, Access]:
    """A key, revoked or not, for whoever may handle it; runs first in a transaction.

    It is read before the lock to learn whose app it is, and again as it is behind the lock.
    """
    app, present = present_app(access, _key(token_id).app_id or 0)
    present.require_app(app.created_by_id)
    return _key(token_id), present


def standing_key(access: Access, token_id: int) -> tuple[Token, Access]:
    """A key that was not revoked; `NotFound` once it was."""
    token, present = present_key(access, token_id)
    if token.revoked_at is not None:
        raise NotFound
    return token, present


def changeable_key(access: Access, token_id: int, now: datetime) -> tuple[Token, Access]:
    """A key whose terms may be changed now; `WorkspaceSuspended` in a read-only workspace."""
    token, present = standing_key(access, token_id)
    require_writable(present.account_id, now)
    return token, present


def _key(token_id: int) -> Token:
    token = token_by_id(token_id)
    if token is None or token.kind is not TokenKind.APP:
        raise NotFound
    return token
