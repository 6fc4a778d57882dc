"""VERBS: give an app's key a new secret, while the one before stands for a stated time.

The key stays the same one: its name, its budget and what it used go on.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access
from app.domain.secret import digest
from app.services.audit.note import note
from app.services.tokens.app_key import standing_key
from app.services.tokens.make_token import facts_of
from app.store.database import transaction
from app.store.tokens import Token

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
    with transaction():
        token, present = standing_key(access, token_id)
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
    with transaction():
        token, present = standing_key(access, token_id)
        if token.former_until is not None and token.former_until > now:
            before = {"former_until": token.former_until}
            note("token.former_ended", present, now, about=token.name, before=before)
        token.former_hash = token.former_until = None
    return token
