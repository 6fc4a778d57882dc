"""Names of domains in the one form that is kept: small ASCII letters (A-labels), no dot at the end.

Two names that look alike are simply different names here; who shows one shows this form beside it.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from app.domain.refusals import InvalidRequest

LONGEST = 253
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# RFC 6761, 7686 and 9476 promise that nobody ever has these in DNS. `test`, `example` and `local`
# are not among them: private networks serve such names, and DNS proves them like any other.
NEVER_IN_DNS = frozenset({"alt", "arpa", "invalid", "localhost", "onion"})


def require_domain_name(name: str, field: str = "domain") -> str:
    """Give the name back if it can be somebody's domain; else `InvalidRequest` says why not."""
    labels = name.split(".")
    if is_ip_address(name):
        raise InvalidRequest.of(field, "This is an IP address. Give the name of a domain.")
    if len(name) > LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise InvalidRequest.of(field, "This is not the name of a domain, such as acme.com.")
    if len(labels) == 1:
        raise InvalidRequest.of(field, "Give the whole name of the domain, such as acme.com.")
    if labels[-1].isdecimal() or labels[-1] in NEVER_IN_DNS:
        raise InvalidRequest.of(field, f"Names that end in .{labels[-1]} are never in DNS.")
    return name


def domain_of(email: str) -> str:
    """The domain of an address in the form that is kept: small letters, its domain in ASCII."""
    return email.rpartition("@")[2]


def belongs(email: str, domain: str) -> bool:
    """Tell whether the address is of exactly this domain; those of sub-domains are not."""
    return bool(domain) and domain_of(email) == domain


def lineage(name: str) -> list[str]:
    """The name and all names above it, but for the last label: a.b.com, b.com."""
    labels = name.split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]


def is_ip_address(name: str) -> bool:
    """Tell whether it is an address of the network instead of a name."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
