"""VERBS: revoke a token; it stops working at once and stays on record."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import NotFound
from app.domain.role import Access
from app.services.audit.note import note
from app.services.tokens.app_key import present_key
from app.services.tokens.make_token import facts_of
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.tokens import Token, TokenKind, token_by_id


def revoke_service_token(token_id: int, now: datetime) -> Token:
    """Revoke a service token, as the operator."""
    with transaction():
        return _revoked(_found(token_id, TokenKind.SERVICE), None, now)


def revoke_personal_token(person_id: int, token_id: int, now: datetime) -> Token:
    """Revoke one of one's own tokens."""
    with transaction():
        token = _found(token_id, TokenKind.PERSONAL)
        if token.person_id != person_id:
            raise NotFound
        return _revoked(token, personal_account(person_id).id, now)


def revoke_app_key(access: Access, token_id: int, now: datetime) -> Token:
    """Revoke a key of an app, by whoever may delete the app."""
    with transaction():
        token, present = present_key(access, token_id)
        return _revoked(token, present.account_id, now)


def _found(token_id: int, kind: TokenKind) -> Token:
    token = token_by_id(token_id)
    if token is None or token.kind is not kind:
        raise NotFound
    return token


def _revoked(token: Token, account_id: int | None, now: datetime) -> Token:
    if token.revoked_at is None:
        note("token.revoked", account_id, now, about=token.name, before=facts_of(token))
    token.revoked_at = token.revoked_at or now
    return token
