"""VERB: tell whether an account that a directory opened still waits for its owner."""

from __future__ import annotations

from app.store.identities import identities_of
from app.store.people import Person
from app.store.scim import has_opened


def waits_for_its_owner(account_id: int, person: Person) -> bool:
    """Tell whether the workspace's directory opened the account, and nobody could enter it yet.

    A password or an identity would make it somebody's own.
    """
    if person.password_hash is not None or not has_opened(account_id, person.id):
        return False
    return not identities_of(person.id)
