"""VERBS: claim a domain for a workspace; as the operator, vouch for it instead of asking DNS."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from app.domain.domain_claim import MOST_CLAIMS, ClaimState
from app.domain.refusals import Conflict
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.sso.domains.judge import verified
from app.services.sso.domains.read_domain import read_domain, require_claimable
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import Account
from app.store.database import add, transaction
from app.store.domains import DomainClaim, claim_of, count_claims, lock_claim


def claim_domain(
    access: Access, domain: str, now: datetime, *, public: Collection[str] = ()
) -> DomainClaim:
    """Claim a domain. It means nothing yet: the TXT record, whose text is new, has to prove it.

    `public` are public mail providers that the operator adds to the lists.
    """
    name = _claimable(domain, public)
    with transaction():
        account, present = present_access(access, Right.MANAGE_SSO)
        require_workspace(account)
        if claim_of(account.id, name) is not None:
            raise Conflict(f"{account.name} has {name} already.")
        return _new(account, present.person_id, name, now)


def vouch_for_domain(
    access: Access, domain: str, now: datetime, *, public: Collection[str] = ()
) -> DomainClaim:
    """Verify a domain by the operator's word. DNS is not asked, until somebody presses Verify."""
    name = _claimable(domain, public)
    with transaction():
        account, present = present_access(access, Right.MANAGE_SSO)
        require_workspace(account)
        found = claim_of(account.id, name) or _new(account, present.person_id, name, now)
        claim = lock_claim(found.id)
        if claim.state is not ClaimState.VERIFIED:
            verified(claim, now)
            claim.is_vouched, claim.due_at = True, None
            claim.finding, claim.checked_at = None, None
            note("domain.vouched", present, now, about=name)
    return claim


def _claimable(domain: str, public: Collection[str]) -> str:
    name = read_domain(domain)
    require_claimable(name, public)
    return name


def _new(account: Account, person_id: int, domain: str, now: datetime) -> DomainClaim:
    if count_claims(account.id) >= MOST_CLAIMS:
        raise Conflict(f"A workspace has at most {MOST_CLAIMS} domains. Remove one first.")
    claim = DomainClaim(
        account_id=account.id,
        domain=domain,
        state=ClaimState.PENDING,
        secret=secrets.token_urlsafe(24),
        default_role=Role.MEMBER,
        created_at=now,
        created_by_id=person_id,
    )
    add(claim)
    note("domain.claimed", account.id, now, about=domain, by=person_id)
    return claim
