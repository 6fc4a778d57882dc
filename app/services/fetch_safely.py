"""VERB: ask an address that somebody typed, so that nothing inside is reached by it.

The name is looked up once, every address that it has is judged, and the connection goes to one of
those: asking the name again would let it point elsewhere meanwhile (DNS rebinding).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from app.hookspecs import Fetched, NotFetched

LONGEST_URL = 2_000
LARGEST_BODY = 1024 * 1024
SECONDS = 10.0
CONNECT_SECONDS = 4.0
CHUNK = 64 * 1024

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class SafeFetch:
    """Asks the world outside; `private` lets it ask private networks, too, in plain http."""

    private: bool = False

    def __call__(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """GET an address, or POST a form to it; raises `NotFetched` with a sentence."""
        parts = _parts(url)
        host = parts.hostname or ""
        address = self._address(parts, host)
        if parts.scheme != "https" and not (self.private and not address.is_global):
            raise NotFetched("The address must begin with https://.")
        try:
            return _asked(parts, host, address, form, headers or {})
        except (HTTPError, OSError, ValueError) as error:
            raise NotFetched(f"{host} could not be asked: {_reason(error)}.") from error

    def _address(self, parts: SplitResult, host: str) -> Address:
        port = _port(parts)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotFetched(f"There is no server {host}.") from None
        addresses = [ip_address(each[4][0]) for each in found]
        if not addresses or not all(self._may_ask(each) for each in addresses):
            raise NotFetched(f"{host} is not on the public internet, and nothing else is asked.")
        return addresses[0]

    def _may_ask(self, address: Address) -> bool:
        inner = _inner(address)
        if inner.is_multicast or inner.is_unspecified or inner.is_link_local:
            return False
        return self.private or (inner.is_global and address.is_global)


def _inner(address: Address) -> Address:
    """The IPv4 address within an IPv6 address, by whichever way it was put there."""
    if isinstance(address, IPv4Address):
        return address
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        raise NotFetched("This is not an address.") from None
    plain = url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFetched("This is not an address such as https://login.example.com/metadata.")
    if parts.username is not None or parts.password is not None:
        raise NotFetched("Leave name and password out of the address.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _asked(
    parts: SplitResult,
    host: str,
    address: Address,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
) -> Fetched:
    ends_at = time.monotonic() + SECONDS
    sent = {"Accept-Encoding": "identity", "User-Agent": "coffer", **headers, "Host": parts.netloc}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    with _pool(parts, host, address) as pool:
        response = pool.urlopen(
            "GET" if form is None else "POST",
            f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
            body=None if form is None else urlencode(form),
            headers=sent,
            redirect=False,
            retries=False,
            preload_content=False,
            assert_same_host=False,
        )
        body = _body(response, host, ends_at)
    return Fetched(response.status, {k.lower(): v for k, v in response.headers.items()}, body)


def _pool(parts: SplitResult, host: str, address: Address) -> HTTPConnectionPool:
    timeout = Timeout(connect=CONNECT_SECONDS, read=SECONDS / 2)
    if parts.scheme == "http":
        return HTTPConnectionPool(str(address), _port(parts), timeout=timeout)
    return HTTPSConnectionPool(
        str(address),
        _port(parts),
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        server_hostname=host,
        assert_hostname=host,
    )


def _body(response: BaseHTTPResponse, host: str, ends_at: float) -> bytes:
    parts: list[bytes] = []
    while chunk := response.read1(CHUNK):
        parts.append(chunk)
        if sum(map(len, parts)) > LARGEST_BODY:
            raise NotFetched(f"{host} sent more than 1 MiB.")
        if time.monotonic() > ends_at:
            raise NotFetched(f"{host} took longer than {SECONDS:g} seconds.")
    return b"".join(parts)


def _reason(error: Exception) -> str:
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    return str(inner).rstrip(".").replace("\n", " ")[:200] or type(error).__name__
