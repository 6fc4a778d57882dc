"""VERB: say whether people who had an account need an approval to join by their address."""

from __future__ import annotations

from app.domain.role import Access, Right
from app.services.audit.note import note
from app.services.sso.domains.listing import claimed
from app.services.workspaces.access import present_access
from app.store.database import transaction
from app.store.domains import DomainClaim, lock_claim


def require_approval(access: Access, domain: str, *, needed: bool) -> DomainClaim:
    """Let people of a domain ask first, or join at once as usual; who asked keeps waiting."""
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        claim = lock_claim(claimed(account.id, domain).id)
        before, after = {"needed": claim.needs_approval}, {"needed": needed}
        note("domain.approval", access, about=claim.domain, before=before, after=after)
        claim.needs_approval = needed
    return claim
