"""VERBS: offer people who have an account to join the workspace that their address belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.join_request import RequestState, may_ask_from
from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.sso.auto_join import claim_open_to, let_in
from app.store.accounts import Membership
from app.store.database import transaction
from app.store.domains import DomainClaim, stop_offering
from app.store.join_requests import close_request, last_request
from app.store.people import Person, person_by_id


@dataclass(frozen=True, slots=True)
class JoinOffer:
    """A workspace that a person may join because of their proved address.

    With `needs_approval` they ask first: `asked_at` tells since when they wait, `again_from` and
    `reason` that they were declined.
    """

    slug: str
    name: str
    domain: str
    role: str
    needs_approval: bool = False
    asked_at: datetime | None = None
    again_from: datetime | None = None
    reason: str | None = None


def offer_to_join(person_id: int, now: datetime | None = None) -> JoinOffer | None:
    """Find the workspace that has verified the domain of a person's proved address, if any."""
    claim = claim_open_to(person_by_id(person_id))
    if claim is None:
        return None
    account = claim.account
    offer = JoinOffer(account.slug, account.name, claim.domain, claim.default_role.value)
    return _with_request(offer, claim, person_id, now) if claim.needs_approval else offer


def accept_to_join(person_id: int, slug: str, now: datetime) -> Membership:
    """Join the workspace that is offered; `RefusedByPlugin` when a plugin lets nobody in."""
    person, claim = _offered(person_id, slug)
    return let_in(claim, person, now, asked=False)


def decline_to_join(person_id: int, slug: str, now: datetime) -> None:
    """Be offered it no more; an invitation still lets the person in."""
    with transaction():
        _, claim = _offered(person_id, slug)
        stop_offering(claim.account_id, person_id, now)
        close_request(claim.account_id, person_id, now)
        note("member.declined", claim.account_id, now, about=claim.domain, by=person_id)


def _with_request(
    offer: JoinOffer, claim: DomainClaim, person_id: int, now: datetime | None
) -> JoinOffer:
    asked = last_request(claim.account_id, person_id)
    if asked is None:
        return replace(offer, needs_approval=True)
    again = may_ask_from(asked.state, asked.answered_at)
    if again is None or (now is not None and again <= now):
        again = None
    since = asked.asked_at if asked.state is RequestState.WAITING else None
    reason = asked.reason if again else None
    return replace(offer, needs_approval=True, asked_at=since, again_from=again, reason=reason)


def _offered(person_id: int, slug: str) -> tuple[Person, DomainClaim]:
    person = person_by_id(person_id)
    claim = claim_open_to(person)
    if person is None or claim is None or claim.account.slug != slug:
        raise NotFound("No workspace of that name is open to your address.")
    return person, claim
