"""VERBS: give an app's key a new secret, while the one before stands for a stated time.

The key stays the same one: its name, its budget and what it used go on.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access
from app.domain.secret import digest
from app.services.apps.edit import present_app
from app.services.audit.note import note
from app.services.tokens.make_token import facts_of
from app.store.database import transaction
from app.store.tokens import Token, TokenKind, token_by_id

USUAL_HOURS = 24
LONGEST_HOURS = 24 * 30


def rotate_app_key(access: Access, token_id: int, hours: int, now: datetime) -> tuple[Token, str]:
    """Make a new secret; the former stands so many hours more (0: it ends at once).

    Raises `Conflict` while an earlier one still stands: end it first, so that nobody is cut off
    without being told. Two that rotate at the same time: the second meets that, too.
    """
    if not 0 <= hours <= LONGEST_HOURS:
        raise InvalidRequest.of("hours", f"Use 0 to {LONGEST_HOURS} hours.")
    text = f"coffer_a_{secrets.token_urlsafe(32)}"
    app_id = _app_of(token_id)
    with transaction():
        token, present = _present(access, app_id, token_id)
        if token.former_until is not None and token.former_until > now:
            raise Conflict("The secret before the present one still stands; end it first.")
        before = facts_of(token)
        token.former_hash = token.token_hash if hours else None
        token.former_until = now + timedelta(hours=hours) if hours else None
        token.token_hash, token.hint = digest(text), text[-4:]
        after = facts_of(token) | {"former_until": token.former_until}
        note("token.rotated", present, now, about=token.name, before=before, after=after)
    return token, text


def end_former_secret(access: Access, token_id: int, now: datetime) -> Token:
    """End the secret before the present one at once."""
    app_id = _app_of(token_id)
    with transaction():
        token, present = _present(access, app_id, token_id)
        if token.former_until is not None and token.former_until > now:
            before = {"former_until": token.former_until}
            note("token.former_ended", present, now, about=token.name, before=before)
        token.former_hash = token.former_until = None
    return token


def _app_of(token_id: int) -> int:
    """The app whose key it is: read before the transaction, which then locks the account first."""
    return _standing(token_id).app_id or 0


def _standing(token_id: int) -> Token:
    token = token_by_id(token_id)
    if token is None or token.kind is not TokenKind.APP or token.revoked_at is not None:
        raise NotFound
    return token


def _present(access: Access, app_id: int, token_id: int) -> tuple[Token, Access]:
    """Lock the account; the key as it is then, and the person's standing."""
    app, present = present_app(access, app_id)
    present.require_app(app.created_by_id)
    return _standing(token_id), present
