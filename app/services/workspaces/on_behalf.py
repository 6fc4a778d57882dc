"""VERBS: stand in for an owner, which only the operator's own service tokens may."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Role
from app.services.people.read_address import sought_address
from app.store.accounts import Account, account_by_slug, owner_of
from app.store.apps import App, app_by_id
from app.store.people import person_by_email


def access_as_owner(slug: str) -> tuple[Account, Access]:
    """The owner's standing in an account; `NotFound` when there is none."""
    account = account_by_slug(slug) if slug.isprintable() else None
    if account is None or account.deleted_at is not None:
        raise NotFound
    return account, _as_owner(account.id)


def find_app_as_owner(app_id: int) -> tuple[App, Access]:
    """An app and its account's owner's standing; `NotFound` when there is none."""
    app = app_by_id(app_id)
    if app is None or app.deleted_at is not None or app.account.deleted_at is not None:
        raise NotFound
    return app, _as_owner(app.account_id)


def person_named(email: str) -> int:
    """The person with that address; `NotFound` when there is none."""
    person = person_by_email(sought_address(email))
    if person is None:
        raise NotFound(f"Nobody is known by the address {email}.")
    return person.id


def _as_owner(account_id: int) -> Access:
    return Access(account_id, owner_of(account_id).person_id, Role.OWNER)
