"""VERBS: list tokens that still stand. Their text was shown once, and to nobody else."""

from __future__ import annotations

from app.domain.role import Access
from app.services.apps.edit import find_app
from app.store.tokens import Token, keys_of_app, personal_tokens_of
from app.store.tokens import service_tokens as all_service_tokens


def app_keys(access: Access, app_id: int) -> list[Token]:
    """List an app's keys, for whoever may revoke them."""
    app, present = find_app(access.person_id, app_id)
    present.require_app(app.created_by_id)
    return keys_of_app(app.id)


def personal_tokens(person_id: int) -> list[Token]:
    """List one's own tokens."""
    return personal_tokens_of(person_id)


def service_tokens() -> list[Token]:
    """List the tokens of the platform's services, for the operator."""
    return all_service_tokens()
