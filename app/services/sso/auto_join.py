"""VERB: let a person in because of their address. Every way to sign in asks this one verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.domain_name import domain_of
from app.domain.refusals import Conflict, RefusedByPlugin
from app.services.plugins.decide import decided_role
from app.services.workspaces.join import join
from app.store.accounts import Membership, lock_account, membership
from app.store.database import transaction
from app.store.domains import DomainClaim, holder_of, is_not_offered, lock_claim
from app.store.people import Person, person_by_id


@dataclass(frozen=True, slots=True)
class AutoJoined:
    """What became of somebody's first sign-in: the place they got, or why a plugin refused them.

    `workspace` and `slug` name the workspace in question; all are None where no domain fits.
    """

    place: Membership | None = None
    workspace: str | None = None
    slug: str | None = None
    refused: str | None = None


def auto_join(person_id: int, now: datetime, *, first: bool) -> AutoJoined:
    """Let a person into the workspace that has verified the domain of their proved address.

    Call it after the transaction that proved the address or opened the person was committed, and
    never inside one, since plugins are asked. `first` says that this act did so for the first
    time: it opened the account, or proved the address of an account that had never proved one.
    Otherwise nothing happens: who had an account is offered to join (`join_offers`).

    The role is the domain's default role, which plugins may lower. A refusal by a plugin is
    answered, not raised: the person keeps their own account, and should be told.
    """
    person = person_by_id(person_id) if first else None
    claim = claim_open_to(person)
    if person is None or claim is None:
        return AutoJoined()
    name, slug = claim.account.name, claim.account.slug
    try:
        return AutoJoined(let_in(claim, person, now), name, slug)
    except RefusedByPlugin as refusal:
        return AutoJoined(None, name, slug, refusal.detail)
    except Conflict:
        return AutoJoined()  # it ended a moment ago, or they are in already


def claim_open_to(person: Person | None) -> DomainClaim | None:
    """Find the claim by which a person may join a workspace that they are not in."""
    if person is None or person.email_verified_at is None:
        return None
    claim = holder_of(domain_of(person.email))
    if claim is None or claim.account.deleted_at is not None:
        return None
    is_in = membership(claim.account_id, person.id) is not None
    return None if is_in or is_not_offered(claim.account_id, person.id) else claim


def let_in(claim: DomainClaim, person: Person, now: datetime, *, asked: bool = True) -> Membership:
    """Make the person a member by this claim, in a transaction of its own.

    `asked` is False for who accepts an offer, which may need an approval. Raises
    `RefusedByPlugin`, or `Conflict` when the claim ended meanwhile or an approval is needed.
    """
    account_id, claim_id, person_id = claim.account_id, claim.id, person.id
    role = decided_role(claim.account.slug, person.email, claim.default_role, now)
    with transaction():
        lock_account(account_id)
        lock_claim(claim_id)
        present = claim_open_to(person_by_id(person_id))
        if present is None or present.id != claim_id:
            raise Conflict("This workspace is no longer open to your address.")
        if present.needs_approval and not asked:
            raise Conflict("Joining this workspace needs an approval. Ask to join first.")
        return join(account_id, person_id, role, now)
