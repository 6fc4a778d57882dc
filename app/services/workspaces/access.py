"""VERBS: who may act where. Every change of an account begins by asking again, under its lock."""

from __future__ import annotations

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access, Right
from app.store.accounts import Account, AccountKind, lock_account, membership, membership_at


def access_to(person_id: int, slug: str) -> tuple[Account, Access]:
    """A person's standing in an account; `NotFound` for outsiders and for deleted accounts."""
    place = membership_at(slug, person_id) if slug.isprintable() else None
    if place is None:
        raise NotFound
    return place.account, Access(place.account_id, person_id, place.role)


def present_access(access: Access, right: Right) -> tuple[Account, Access]:
    """Lock the account, read the person's standing again, and require the right.

    What a door knew may be old: somebody demoted or removed a moment ago is refused. Runs first
    in a transaction.
    """
    account = lock_account(access.account_id)
    place = membership(access.account_id, access.person_id)
    if place is None or account.deleted_at is not None:
        raise NotFound
    present = Access(account.id, access.person_id, place.role)
    present.require(right)
    return account, present


def require_workspace(account: Account) -> None:
    """Raise `Conflict` for a personal account, which has no members besides its person."""
    if account.kind is AccountKind.PERSONAL:
        raise Conflict("This is a personal account: it has one person, and no other members.")
