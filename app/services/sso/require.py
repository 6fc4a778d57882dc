"""VERBS: let a workspace's members sign in through its identity providers only, and who may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.domain_name import domain_of
from app.domain.refusals import Conflict, SsoRequired
from app.domain.role import Access, Right, Role
from app.services.audit.note import note
from app.services.people.two_factor_code import has_two_factor
from app.services.workspaces.access import present_access, require_workspace
from app.store.accounts import membership, owner_of
from app.store.database import add, transaction
from app.store.domains import holder_of, verified_domains_of
from app.store.identities import count_identities
from app.store.identity_providers import (
    RequiredSso,
    end_requirement,
    identity_providers_of,
    required_sso,
)
from app.store.people import Person


@dataclass(frozen=True, slots=True)
class Requirement:
    """How a workspace stands: since when it is required, and what is missing for that."""

    since: datetime | None
    missing: tuple[str, ...]


def requirement_of(access: Access) -> Requirement:
    """Tell how the workspace stands."""
    access.require(Right.MANAGE_SSO)
    present = required_sso(access.account_id)
    return Requirement(present.since if present else None, _missing(access.account_id))


def require_sso(access: Access, now: datetime) -> None:
    """Let members with a verified domain sign in through the identity providers only.

    Refused while nobody has signed in that way, and while the owner has no second way in. The
    owner alone keeps their password, with two factors.
    """
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        require_workspace(account)
        missing = _missing(account.id)
        if missing:
            raise Conflict(" ".join(missing))
        if required_sso(account.id) is None:
            add(RequiredSso(account_id=account.id, since=now, person_id=access.person_id))
            note("sso.required", access, now)


def stop_requiring_sso(access: Access) -> None:
    """Let members sign in as they like again."""
    with transaction():
        account, _ = present_access(access, Right.MANAGE_SSO)
        end_requirement(account.id)
        note("sso.not_required", access)


def refuse_other_ways(person: Person) -> None:
    """Raise `SsoRequired` for who may sign in through an identity provider only.

    Asked after the password was right, so that it tells nothing to strangers. The owner always
    keeps a way in that does not depend on the identity provider, and operators have no other.
    """
    if person.is_operator:
        return
    claim = holder_of(domain_of(person.email))
    if claim is None or claim.account.deleted_at is not None:
        return
    place = membership(claim.account_id, person.id)
    if place is None or place.role is Role.OWNER or required_sso(claim.account_id) is None:
        return
    raise SsoRequired(
        f"{claim.account.name} lets its members in through its identity provider only."
    )


def _missing(account_id: int) -> tuple[str, ...]:
    missing = []
    owner = owner_of(account_id).person
    if not verified_domains_of(account_id):
        missing.append("Verify a domain first: whom it concerns is told by their address.")
    if not any(row.is_on for row in identity_providers_of(account_id)):
        missing.append("Switch an identity provider on first.")
    elif not count_identities(account_id):
        missing.append("Nobody has signed in through the identity provider yet: let one do so.")
    if owner.password_hash is None or not has_two_factor(owner.id):
        missing.append(
            f"The owner, {owner.name}, needs a second way in, for the day on which the identity "
            "provider fails: a password, and two-factor sign-in switched on in their profile."
        )
    return tuple(missing)
