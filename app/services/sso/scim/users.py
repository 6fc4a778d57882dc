"""VERBS: keep what a directory says of a user, and let them in or out as it says.

A record is kept whatever its address. It opens the workspace only while it is active and its
address is of a verified domain, since a directory is believed about no others.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.audit_line import changes
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.audit.note import note
from app.services.people.read_address import read_address
from app.services.sso.scim.follow import follow, take_out
from app.store.accounts import lock_account
from app.store.database import UniqueTaken, add, flush, transaction
from app.store.scim import (
    ScimUser,
    count_scim_users,
    delete_scim_user,
    scim_user,
    scim_users,
)

MOST_USERS = 50_000
LONGEST = 255
LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Described:
    """A user as the directory describes them: what Coffer heeds, and all of it to give back."""

    user_name: str
    external_id: str | None
    address: str | None
    is_active: bool
    document: dict[str, Any]


class Stale(Conflict):
    """The record was changed by somebody else meanwhile."""


def name_key(user_name: str) -> str:
    """What user names are compared by: capitals don't count."""
    return user_name.strip().lower()[: LONGEST + 1]


def create_user(account_id: int, described: Described, now: datetime) -> ScimUser:
    """Keep a new record, and let the person in."""
    with transaction():
        lock_account(account_id)
        if count_scim_users(account_id) >= MOST_USERS:
            raise Conflict(f"A directory has at most {MOST_USERS} users here.")
        user = ScimUser(id=secrets.token_hex(16), account_id=account_id, created_at=now, version=1)
        _fill(user, described, now)
        try:
            add(user)
        except UniqueTaken:
            raise Conflict(f"There is a user “{described.user_name}” already.") from None
        note("scim.user_created", account_id, now, about=user.name_key, after=audited(user))
    follow(account_id, user.id, now, again=True)
    return find_user(account_id, user.id)


def change_user(
    account_id: int, user_id: str, described: Described, version: int | None, now: datetime
) -> ScimUser:
    """Keep what the directory says now. Who is no longer active is out with the answer."""
    with transaction():
        lock_account(account_id)
        user = _present(account_id, user_id, version)
        was_active, before = user.is_active, audited(user)
        _fill(user, described, now)
        user.version += 1
        try:
            flush()
        except UniqueTaken:
            raise Conflict(f"There is a user “{described.user_name}” already.") from None
        was, now_is = changes(before, audited(user))
        note("scim.user_changed", account_id, now, about=user.name_key, before=was, after=now_is)
        if not user.is_active:
            take_out(user, now)
    follow(account_id, user_id, now, again=not was_active)
    return find_user(account_id, user_id)


def delete_user(account_id: int, user_id: str, version: int | None, now: datetime) -> None:
    """Forget a record; the person is out with the answer."""
    with transaction():
        lock_account(account_id)
        user = _present(account_id, user_id, version)
        note("scim.user_deleted", account_id, now, about=user.name_key, before=audited(user))
        take_out(user, now)
        delete_scim_user(user)


def find_user(account_id: int, user_id: str) -> ScimUser:
    """Find a record."""
    user = scim_user(account_id, user_id) if user_id.isprintable() else None
    if user is None:
        raise NotFound("There is no such user.")
    return user


def list_users(
    account_id: int, *, user_name: str | None = None, external_id: str | None = None
) -> Sequence[ScimUser]:
    """List records, the oldest first; those with that name or external id, if given."""
    if not f"{user_name}{external_id}".isprintable():
        return []
    key = None if user_name is None else name_key(user_name)
    return scim_users(account_id, name_key=key, external_id=external_id)


def page_of_users(account_id: int, first: int, count: int) -> tuple[int, Sequence[ScimUser]]:
    """Give how many records there are, and some of them from the first on, the oldest first."""
    return count_scim_users(account_id), scim_users(account_id, first=first, count=count)


def audited(user: ScimUser) -> dict[str, object]:
    """What the audit log says of a record: what Coffer heeds of it."""
    return {"id": user.id, "name": user.name_key, "address": user.email, "active": user.is_active}


def _fill(user: ScimUser, described: Described, now: datetime) -> None:
    key, external_id = name_key(described.user_name), described.external_id or ""
    if not key or max(len(key), len(external_id)) > LONGEST:
        raise InvalidRequest.of("userName", f"Use 1 to {LONGEST} characters.")
    if not (key + external_id).isprintable():
        raise InvalidRequest.of("userName", "Use characters that can be shown on one line.")
    if len(json.dumps(described.document)) > LARGEST:
        raise InvalidRequest.of("", f"A user may take at most {LARGEST} bytes.")
    user.name_key, user.external_id = key, described.external_id
    user.email, user.is_active = _address(described.address), described.is_active
    user.document, user.changed_at = described.document, now


def _address(text: str | None) -> str | None:
    try:
        return read_address(text or "")
    except InvalidRequest:
        return None


def _present(account_id: int, user_id: str, version: int | None) -> ScimUser:
    user = find_user(account_id, user_id)
    if version is not None and user.version != version:
        raise Stale("The user was changed meanwhile.")
    return user
