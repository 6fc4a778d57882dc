"""VERBS: list a workspace's domains, and find one of them."""

from __future__ import annotations

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.sso.domains.read_domain import sought_domain
from app.store.domains import DomainClaim, claim_of, claims_of


def list_domains(access: Access) -> list[DomainClaim]:
    """List the domains that a workspace has claimed, by name."""
    access.require(Right.MANAGE_SSO)
    return claims_of(access.account_id)


def find_domain(access: Access, domain: str) -> DomainClaim:
    """Find one of a workspace's domains by its name, however it is spelled."""
    access.require(Right.MANAGE_SSO)
    return claimed(access.account_id, domain)


def claimed(account_id: int, domain: str) -> DomainClaim:
    """Find a workspace's claim, or raise `NotFound`."""
    name = sought_domain(domain)
    claim = claim_of(account_id, name)
    if claim is None:
        raise NotFound(f"The domain {name} is not one of this workspace.")
    return claim
