"""DOORS, API: the domains of a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.domain_claim import record_of
from app.domain.refusals import Conflict, DomainNotVerified
from app.domain.role import Role
from app.services.credits.caller import Caller
from app.services.sso.domains import claim, default_role, listing, remove, verify
from app.services.sso.domains.read_domain import shown_domain
from app.web.access import enter_workspace
from app.web.api import team_shapes
from app.web.api.bodies import DomainChange, Listed, NewDomain
from app.web.api.cursor import part_of
from app.web.api.operation import Operations
from app.web.portal import portal

if TYPE_CHECKING:
    from app.store.domains import DomainClaim

operations = Operations("Domains", "Domains whose people join a workspace by their address.")


@operations.get("/workspaces/{slug}/domains", answer=team_shapes.DomainPage)
def list_domains(caller: Caller, slug: str, query: Listed) -> dict[str, Any]:
    """List a workspace's domains by name."""
    account, access = enter_workspace(caller, slug)
    found = [_shown(one) for one in listing.list_domains(access)]
    return part_of(found, f"domains {account.id}", query)


@operations.post(
    "/workspaces/{slug}/domains", status=201, answer=team_shapes.Domain, refusals=(Conflict,)
)
def add_domain(caller: Caller, slug: str, body: NewDomain, now: datetime) -> dict[str, Any]:
    """Add a domain. Publish `txt_record` as a TXT record at the domain itself, then verify it.

    Public mail providers and public suffixes are refused.
    """
    _, access = enter_workspace(caller, slug)
    public = portal().settings.public_domains
    return _shown(claim.claim_domain(access, body.domain, now, public=public))


@operations.post(
    "/workspaces/{slug}/domains/{domain}/verify",
    answer=team_shapes.Domain,
    refusals=(DomainNotVerified, Conflict),
)
def verify_domain(caller: Caller, slug: str, domain: str, now: datetime) -> dict[str, Any]:
    """Ask DNS for the TXT record now. Afterwards it is asked once a day.

    `domain_not_verified` says in `detail` what DNS shows instead. `conflict` says that another
    workspace has the domain verified: a domain belongs to one at a time.
    """
    _, access = enter_workspace(caller, slug)
    return _shown(verify.verify_domain(access, domain, portal().resolver, now))


@operations.patch("/workspaces/{slug}/domains/{domain}", answer=team_shapes.Domain)
def change_domain(caller: Caller, slug: str, domain: str, body: DomainChange) -> dict[str, Any]:
    """Change the role of those who join by this domain: `member`, since no other is allowed."""
    _, access = enter_workspace(caller, slug)
    return _shown(default_role.change_default_role(access, domain, Role(body.default_role)))


@operations.delete("/workspaces/{slug}/domains/{domain}", status=204)
def remove_domain(caller: Caller, slug: str, domain: str, now: datetime) -> None:
    """Give a domain up: nobody joins by it any more, members stay, others may claim it."""
    _, access = enter_workspace(caller, slug)
    remove.remove_domain(access, domain, now)


def _shown(one: DomainClaim) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "name": shown_domain(one.domain),
        "state": one.state,
        "txt_record": record_of(one.secret),
        "default_role": one.default_role,
        "vouched": one.is_vouched,
        "finding": one.finding,
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "checked_at": one.checked_at,
    }
