"""VERBS: tell through which identity providers an address signs in."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.domain_name import domain_of
from app.domain.refusals import InvalidRequest
from app.services.people.read_address import read_address
from app.store.identity_providers import IdentityProviderRow, identity_providers_for


@dataclass(frozen=True, slots=True)
class Route:
    """Where an address signs in. It says nothing of who has that address."""

    email: str
    providers: tuple[IdentityProviderRow, ...]


def route_of(text: str) -> Route:
    """Find the identity providers for an address, by its domain alone.

    Raises `InvalidRequest` when it is no address.
    """
    email = read_address(text)
    return Route(email, tuple(identity_providers_for(domain_of(email))))


def has_company(text: str) -> bool:
    """Tell whether there is an identity provider for an address, or for what was typed as one."""
    try:
        return bool(route_of(text).providers)
    except InvalidRequest:
        return False
