"""DOORS, access control: from who is calling to their standing in an account or an app.

A person's token has the person's standing. A service token stands in for the owner. An app key
has no standing anywhere: it spends, and sees the pool that it spends from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.reference import numbers_of
from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Access
from app.services.apps.edit import find_app
from app.services.workspaces.access import access_to
from app.services.workspaces.on_behalf import access_as_owner, find_app_as_owner, person_named

if TYPE_CHECKING:
    from app.services.credits.caller import Caller
    from app.store.accounts import Account
    from app.store.apps import App

SERVICE, APP = "service", "app"


def is_service(caller: Caller) -> bool:
    """Tell whether one of the platform's own services calls."""
    return caller.kind == SERVICE


def is_app(caller: Caller) -> bool:
    """Tell whether an app calls, with its key."""
    return caller.kind == APP


def person_of(caller: Caller) -> int:
    """The person who calls; `Forbidden` for those who are none."""
    if is_app(caller) or caller.person_id is None:
        raise Forbidden("This token belongs to no person; use a personal token.")
    return caller.person_id


def enter(caller: Caller, slug: str) -> tuple[Account, Access]:
    """The caller's standing in an account; `NotFound` for outsiders."""
    if is_service(caller):
        return access_as_owner(slug)
    return access_to(_administrator(caller), slug)


def enter_workspace(caller: Caller, slug: str) -> tuple[Account, Access]:
    """The caller's standing in a workspace; a personal account is none."""
    account, access = enter(caller, slug)
    if account.kind != "workspace":
        raise NotFound
    return account, access


def enter_app(caller: Caller, reference: str) -> tuple[App, Access]:
    """An app and the caller's standing in its account; `NotFound` for outsiders."""
    person_id = None if is_service(caller) else _administrator(caller)
    (app_id,) = numbers_of("app", reference, 1)
    return find_app_as_owner(app_id) if person_id is None else find_app(person_id, app_id)


def owner_to_be(caller: Caller, email: str | None) -> int | None:
    """Who shall own what the caller opens: a person themself, or whom a service names."""
    if is_service(caller):
        return None if email is None else person_named(email)
    person_id = _administrator(caller)
    if email is not None and person_named(email) != person_id:
        raise Forbidden("A personal token acts for its own person only.")
    return person_id


def _administrator(caller: Caller) -> int:
    if is_app(caller):
        raise Forbidden("An app key only spends, and sees its own account's pool.")
    return person_of(caller)
