"""VERBS: what waits for a person's answer, invitations and offers, and joining without a link."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Access, Right
from app.services.workspaces.join import invited_role, join
from app.services.workspaces.standing import standing_of
from app.store.accounts import (
    Membership,
    OwnershipOffer,
    lock_account,
    ownership_offer,
    ownership_offers_to,
)
from app.store.database import transaction
from app.store.invitations import Invitation, invitation_by_id, open_invitations_for
from app.store.people import person_by_email, person_by_id


def invitations_to(person_id: int, now: datetime) -> list[Invitation]:
    """List the invitations to a person's address, once it is proved, that can be accepted now."""
    person = person_by_id(person_id)
    if person is None or person.email_verified_at is None:
        return []
    return open_invitations_for(person.email, now)


def accept_waiting(invitation_id: int, person_id: int, now: datetime) -> Membership:
    """Join without the link, as somebody whose confirmed address was invited."""
    invitation = invitation_by_id(invitation_id)
    person = person_by_id(person_id)
    if invitation is None or person is None or invitation.email != person.email:
        raise NotFound
    account_id, role = invitation.account_id, invited_role(invitation, now)
    with transaction():
        lock_account(account_id)
        if person.email_verified_at is None:
            raise Forbidden("Confirm your address first, or use the link in the message.")
        standing_of(invitation).require_open(invitation.sent_count, now)
        return join(account_id, person.id, role, now)


def is_known(invitation: Invitation) -> bool:
    """Tell whether the invited address belongs to somebody, who then signs in to accept."""
    return person_by_email(invitation.email) is not None


def offers_to(person_id: int) -> list[OwnershipOffer]:
    """List the workspaces whose ownership is offered to a person."""
    return ownership_offers_to(person_id)


def offer_in(access: Access) -> OwnershipOffer | None:
    """Find the open offer of a workspace, as its owner or as the one to whom it was made."""
    offer = ownership_offer(access.account_id)
    concerned = access.may(Right.TRANSFER_OWNERSHIP) or (
        offer is not None and offer.person_id == access.person_id
    )
    return offer if concerned else None
