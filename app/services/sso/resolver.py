"""VERB: ask DNS for the TXT records of a name. A clear answer and none are kept well apart."""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.name
import dns.nameserver
import dns.rcode
import dns.rdatatype
import dns.resolver

from app.domain.domain_claim import Answer, Silent, Told

QUERIES = 3  # as many servers, or tries at one, fit into the time that is set


class Resolver:
    """Asks the given name servers, by (address, port), or those of the system when none are given.

    The next server is asked, and UDP gives way to TCP, within `seconds` in all. Nothing is cached.
    """

    def __init__(self, servers: Sequence[tuple[str, int]] = (), seconds: float = 5.0) -> None:
        self._servers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
        self._seconds = seconds

    def texts_of(self, domain: str) -> Answer:
        """Ask for what stands at the name itself, which is given in A-labels."""
        name = dns.name.from_text(domain)
        try:
            found = self._made().resolve(
                name, "TXT", lifetime=self._seconds, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN as missing:
            return _about(name, missing.canonical_name, (), exists=False)
        except dns.resolver.LifetimeTimeout:
            return Silent(f"none came within {self._seconds:g} seconds")
        except dns.resolver.NoNameservers as broken:
            return Silent(_reason(broken))
        except (dns.exception.DNSException, OSError) as error:
            return Silent(type(error).__name__)
        texts = tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)
        return _about(name, found.canonical_name, texts, exists=True)

    def _made(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = self._servers
        resolver.timeout = self._seconds / QUERIES
        return resolver


def _about(
    asked: dns.name.Name, canonical: dns.name.Name, texts: tuple[str, ...], *, exists: bool
) -> Told:
    """What an alias leads to was written by whoever has the other name."""
    if canonical != asked:
        return Told(alias=canonical.to_text(omit_final_dot=True))
    return Told(texts, exists=exists)


def _reason(broken: dns.resolver.NoNameservers) -> str:
    """What the last server that was asked had against it, in the words of DNS."""
    errors = broken.kwargs.get("errors") or []
    *_, error, response = errors[-1] if errors else (None, None)
    if response is not None:
        return f"it said {dns.rcode.to_text(response.rcode())}"
    return "it could not be reached" if isinstance(error, OSError) else "it can't be understood"
