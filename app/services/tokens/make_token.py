"""VERBS: make a token. Its text is shown once; what is kept can't be turned back into it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from app.domain.name import name_from
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Access
from app.domain.secret import digest
from app.services.apps.present import changeable_app
from app.services.audit.note import note
from app.store.accounts import personal_account
from app.store.database import add, transaction
from app.store.people import person_by_id
from app.store.tokens import Token, TokenKind

LONGEST_DAYS = 3650


def make_service_token(name: str, now: datetime) -> tuple[Token, str]:
    """Make a token for one of the platform's own services, as the operator."""
    token, text = _new(TokenKind.SERVICE, name, now)
    with transaction():
        add(token)
        note("token.made", None, now, about=token.name, after=facts_of(token))
    return token, text


def make_personal_token(
    person_id: int, name: str, now: datetime, days: int | None = None
) -> tuple[Token, str]:
    """Make a token that acts as a person, for so many days or until it is revoked."""
    token, text = _new(TokenKind.PERSONAL, name, now)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InvalidRequest.of("days", f"Use 1 to {LONGEST_DAYS} days.")
    token.person_id = person_id
    token.expires_at = None if days is None else now + timedelta(days=days)
    with transaction():
        if person_by_id(person_id) is None:
            raise NotFound
        add(token)
        place = personal_account(person_id).id
        note("token.made", place, now, about=token.name, after=facts_of(token), by=person_id)
    return token, text


def make_app_key(access: Access, app_id: int, name: str, now: datetime) -> tuple[Token, str]:
    """Make a key of an app, which bills the account that owns the app."""
    token, text = _new(TokenKind.APP, name, now)
    with transaction():
        app, present = changeable_app(access, app_id, now)
        present.require_app(app.created_by_id)
        token.person_id, token.app_id = present.person_id, app.id
        add(token)
        note("token.made", present, now, about=token.name, after=facts_of(token))
    return token, text


def facts_of(token: Token) -> dict[str, object]:
    """What the audit log says of a token: never its text."""
    return {
        "kind": token.kind,
        "id": token.id,
        "ends_in": token.hint,
        "app": token.app_id,
        "expires_at": token.expires_at,
    }


def _new(kind: TokenKind, name: str, now: datetime) -> tuple[Token, str]:
    text = f"coffer_{kind.value[0]}_{secrets.token_urlsafe(32)}"
    token = Token(
        kind=kind,
        name=name_from(name),
        token_hash=digest(text),
        hint=text[-4:],
        created_at=now,
    )
    return token, text
