"""VERB: change the role with which people join by their address."""

from __future__ import annotations

from app.domain.domain_claim import default_role_from
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.sso.domains.listing import claimed
from app.services.workspaces.access import present_access
from app.store.database import transaction
from app.store.domains import DomainClaim, lock_claim


def change_default_role(access: Access, domain: str, role: Role) -> DomainClaim:
    """Set the role of those who come; who is in keeps theirs. Never owner, never admin."""
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        claim = lock_claim(claimed(account.id, domain).id)
        before, after = {"role": claim.default_role}, {"role": default_role_from(role)}
        note("domain.default_role", access, about=claim.domain, before=before, after=after)
        claim.default_role = after["role"]
    return claim
