"""VERBS: list the tokens that are not revoked, for whoever may revoke them."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access
from app.store.apps import app_by_id
from app.store.tokens import Token, keys_of_app, personal_tokens_of
from app.store.tokens import service_tokens as all_service_tokens


def personal_tokens(person_id: int) -> list[Token]:
    """List one's own tokens, the newest first."""
    return personal_tokens_of(person_id)


def service_tokens() -> list[Token]:
    """List the tokens of the platform's services, the newest first, for the operator."""
    return all_service_tokens()


def app_keys(access: Access, app_id: int) -> list[Token]:
    """List the keys of an app, the newest first, for whoever may delete the app."""
    app = app_by_id(app_id)
    if app is None or app.account_id != access.account_id or app.deleted_at is not None:
        raise NotFound
    access.require_app(app.created_by_id)
    return keys_of_app(app.id)
