"""VERBS: find one member of an account, and count them."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.people.read_address import sought_address
from app.store.accounts import Membership, count_members, membership_by_email


def find_member(access: Access, email: str) -> Membership:
    """Find the member with that address."""
    access.require(Right.SEE_ACCOUNT)
    place = membership_by_email(access.account_id, sought_address(email))
    if place is None:
        raise NotFound
    return place


def how_many(access: Access) -> int:
    """Count the members of an account."""
    access.require(Right.SEE_ACCOUNT)
    return count_members(access.account_id)
