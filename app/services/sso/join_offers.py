"""VERBS: offer people who have an account to join the workspace that their address belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.sso.auto_join import claim_open_to, let_in
from app.store.accounts import Membership
from app.store.database import transaction
from app.store.domains import DomainClaim, stop_offering
from app.store.people import Person, person_by_id


@dataclass(frozen=True, slots=True)
class JoinOffer:
    """A workspace that a person may join because of their proved address."""

    slug: str
    name: str
    domain: str
    role: str


def offer_to_join(person_id: int) -> JoinOffer | None:
    """Find the workspace that has verified the domain of a person's proved address, if any."""
    claim = claim_open_to(person_by_id(person_id))
    if claim is None:
        return None
    account = claim.account
    return JoinOffer(account.slug, account.name, claim.domain, claim.default_role.value)


def accept_to_join(person_id: int, slug: str, now: datetime) -> Membership:
    """Join the workspace that is offered; `RefusedByPlugin` when a plugin lets nobody in."""
    person, claim = _offered(person_id, slug)
    return let_in(claim, person, now)


def decline_to_join(person_id: int, slug: str, now: datetime) -> None:
    """Be offered it no more; an invitation still lets the person in."""
    with transaction():
        _, claim = _offered(person_id, slug)
        stop_offering(claim.account_id, person_id, now)
        note("member.declined", claim.account_id, now, about=claim.domain, by=person_id)


def _offered(person_id: int, slug: str) -> tuple[Person, DomainClaim]:
    person = person_by_id(person_id)
    claim = claim_open_to(person)
    if person is None or claim is None or claim.account.slug != slug:
        raise NotFound("No workspace of that name is open to your address.")
    return person, claim
