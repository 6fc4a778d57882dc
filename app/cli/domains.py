"""Commands about the domains of workspaces, and the directories of their companies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.store.domains import DomainClaim


@click.group()
def domain() -> None:
    """Domains: whose people join a workspace by their address."""


@domain.command("add")
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@click.option("--assume-verified", is_flag=True, help="Vouch for it, without asking DNS.")
@as_json
def add(slug: str, name: str, assume_verified: bool, as_json: bool) -> None:
    """Add DOMAIN to the workspace SLUG, on behalf of its owner."""
    with installation() as portal:
        from app.cli.owner import owner_access
        from app.services.sso.domains.claim import claim_domain, vouch_for_domain

        verb = vouch_for_domain if assume_verified else claim_domain
        public = portal.settings.public_domains
        found = verb(owner_access(slug), name, portal.clock.now(), public=public)
        _answer(slug, found, as_json=as_json)


@domain.command("verify")
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@as_json
def verify(slug: str, name: str, as_json: bool) -> None:
    """Ask DNS now for the TXT record of DOMAIN; exit with 1 and what it shows otherwise."""
    with installation() as portal:
        from app.cli.owner import owner_access
        from app.services.sso.domains.verify import verify_domain

        now = portal.clock.now()
        found = verify_domain(owner_access(slug), name, portal.resolver, now)
        _answer(slug, found, as_json=as_json)


@domain.command("list")
@click.argument("slug")
@as_json
def list_(slug: str, as_json: bool) -> None:
    """List the domains of the workspace SLUG."""
    with installation():
        from app.cli.owner import owner_access
        from app.services.sso.domains.listing import list_domains

        found = list_domains(owner_access(slug))
        text = "\n".join(map(_line, found)) or f"{slug} has no domain."
        answer([_shown(slug, claim) for claim in found], text, as_json=as_json)


@click.group()
def scim() -> None:
    """Directories: who works at a company, told over SCIM 2.0."""


@scim.command("token")
@click.argument("slug")
@as_json
def token(slug: str, as_json: bool) -> None:
    """Make the token of the workspace SLUG's directory; the one before stops working."""
    with installation() as portal:
        from app.cli.owner import owner_access
        from app.services.sso.scim.connect import make_scim_token

        made, text = make_scim_token(owner_access(slug), portal.clock.now())
        url = f"{portal.settings.public_url}/scim/v2/{made.public_id}"
        data = {"account": slug, "url": url, "token": text}
        answer(data, f"{url}\n{text}", as_json=as_json)


def _answer(slug: str, claim: DomainClaim, *, as_json: bool) -> None:
    answer(_shown(slug, claim), _line(claim), as_json=as_json)


def _shown(slug: str, claim: DomainClaim) -> dict[str, Any]:
    from app.domain.domain_claim import record_of

    return {
        "account": slug,
        "domain": claim.domain,
        "state": claim.state,
        "txt_record": record_of(claim.secret),
        "default_role": claim.default_role,
        "vouched": claim.is_vouched,
        "finding": claim.finding,
    }


def _line(claim: DomainClaim) -> str:
    from app.domain.domain_claim import record_of

    line = f"{claim.domain}: {claim.state}. TXT record: {record_of(claim.secret)}"
    return line + (f"\n  {claim.finding}" if claim.finding else "")


COMMANDS = (domain, scim)
