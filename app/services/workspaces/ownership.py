"""VERBS: hand a workspace over to a member, who accepts it or is ready for it."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, NotFound
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.people.read_address import sought_address
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import (
    Account,
    Membership,
    OwnershipOffer,
    delete_ownership_offer,
    membership,
    membership_by_email,
    owner_of,
    ownership_offer,
)
from app.store.auto_top_ups import switch_off
from app.store.database import add, flush, transaction
from app.store.payers import forget_payers
from app.store.subscriptions import free_business_subscription, subscription_of


def offer_ownership(access: Access, email: str, now: datetime) -> OwnershipOffer | None:
    """Offer the workspace to a member; None when it is theirs at once.

    It is at once when the member holds a Business subscription that no workspace uses; others
    accept first, because the owner is who pays.
    """
    address = sought_address(email)
    with transaction():
        account, present = present_access(access, Right.TRANSFER_OWNERSHIP)
        require_workspace(account)
        heir = membership_by_email(account.id, address)
        if heir is None:
            raise NotFound(f"{address} is not a member of {account.name}.")
        if heir.person_id == present.person_id:
            raise Conflict("You are the owner already.")
        delete_ownership_offer(account.id)
        if free_business_subscription(heir.person_id) is not None:
            _hand_over(account, heir, present.person_id, now)
            return None
        offer = OwnershipOffer(account_id=account.id, person_id=heir.person_id, offered_at=now)
        add(offer)
        note("ownership.offered", present, now, about=address)
        _tell(heir, "ownership_offer", now, owner_of(account.id))
    return offer


def withdraw_offer(access: Access) -> None:
    """Take the offer back, as the owner; or decline it, as the one to whom it was made."""
    with transaction():
        account, present = present_access(access, Right.SEE_ACCOUNT)
        offer = ownership_offer(account.id)
        if offer is None or offer.person_id != present.person_id:
            present.require(Right.TRANSFER_OWNERSHIP)
        delete_ownership_offer(account.id)
        if offer is not None:
            note("ownership.withdrawn", present, about=offer.person.email)


def accept_ownership(access: Access, now: datetime) -> Account:
    """Become the owner of a workspace that was offered; the former owner becomes an admin."""
    with transaction():
        account, present = present_access(access, Right.SEE_ACCOUNT)
        offer = ownership_offer(account.id)
        heir = membership(account.id, present.person_id)
        if offer is None or heir is None or offer.person_id != present.person_id:
            raise NotFound("The ownership of this workspace is not offered to you.")
        delete_ownership_offer(account.id)
        _hand_over(account, heir, present.person_id, now)
    return account


def _hand_over(account: Account, heir: Membership, by: int, now: datetime) -> None:
    former = owner_of(account.id)
    before, after = {"owner": former.person.email}, {"owner": heir.person.email}
    note("ownership.transferred", account.id, now, before=before, after=after, by=by)
    former.role = Role.ADMIN
    flush()  # there is never a moment with two owners
    heir.role = Role.OWNER
    flush()
    subscription = subscription_of(account.id)
    if subscription is not None:
        subscription.person_id = heir.person_id
    forget_payers(account.id)  # nobody pays on with what the former owner had saved
    switch_off(account.id, "The workspace has another owner.")
    _tell(former, "ownership_handed_over", now, heir)
    _tell(heir, "ownership_received", now, former)


def _tell(place: Membership, template: str, now: datetime, other: Membership) -> None:
    queue_mail(
        place.person.email,
        template,
        now,
        name=place.person.name,
        other=other.person.name,
        workspace=place.account.name,
        slug=place.account.slug,
    )
