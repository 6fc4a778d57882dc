"""VERB: give a domain up. Members stay; the domain is free for others to claim."""

from __future__ import annotations

from datetime import datetime

from app.domain.domain_claim import ClaimState, moved
from app.domain.role import Access, Right
from app.services.audit.note import note
from app.services.sso.domains.listing import claimed
from app.services.workspaces.access import present_access
from app.store.database import transaction
from app.store.domains import DomainClaim, lock_claim


def remove_domain(access: Access, domain: str, now: datetime) -> DomainClaim:
    """Release a claim for good. Claiming the domain again makes a new record to publish."""
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        claim = lock_claim(claimed(account.id, domain).id)
        note("domain.removed", access, now, about=claim.domain, before={"state": claim.state})
        claim.state, claim.released_at = moved(claim.state, ClaimState.RELEASED), now
        claim.due_at = None
    return claim
