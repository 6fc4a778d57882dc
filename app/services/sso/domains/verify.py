"""VERB: verify a domain now, by asking DNS for its TXT record, outside any transaction."""

from __future__ import annotations

from datetime import datetime

from app.domain.domain_claim import ClaimState
from app.domain.refusals import DomainNotVerified
from app.domain.role import Access, Right
from app.services.sso.domains.judge import judge
from app.services.sso.domains.listing import claimed
from app.services.sso.resolver import Resolver
from app.services.workspaces.access import present_access
from app.store.database import transaction
from app.store.domains import DomainClaim, lock_claim


def verify_domain(access: Access, domain: str, resolver: Resolver, now: datetime) -> DomainClaim:
    """Ask DNS, and give the claim when it is verified; `DomainNotVerified` says what DNS shows.

    A verified domain stays so while DNS gives no answer; `finding` tells. `Conflict` when the
    record is there and another workspace has the domain verified.
    """
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        name = claimed(account.id, domain).domain
    answer = resolver.texts_of(name)
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        claim = lock_claim(claimed(account.id, name).id)
        judge(claim, answer, now)
    if claim.state is not ClaimState.VERIFIED:
        raise DomainNotVerified(claim.finding or "", domain=name, state=claim.state.value)
    return claim
