"""VERB: ask an address that somebody typed, so that nothing inside is reached by it.

The name is looked up once, every address that it has is judged, and the connection goes to one of
those: asking the name again would let it point elsewhere meanwhile (DNS rebinding).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from app.hookspecs import Fetched, NotFetched
from app.services.watched_connection import Watch, WatchedPool, WatchedTlsPool

LONGEST_URL = 2_000
LARGEST_BODY = 1024 * 1024
SECONDS = 10.0
CONNECT_SECONDS = 4.0
CHUNK = 64 * 1024

# What Python calls global though it leads to an IPv4 address inside (NAT64, RFC 6052 and 8215; the
# old way of RFC 4291, 2.5.5.1), or into a site (RFC 3879).
NEVER = [ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "fec0::/10")]

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, for how long at most, and how large an answer may be, or is `cut` to be."""

    method: str
    body: bytes | None
    headers: Mapping[str, str]
    seconds: float
    largest: int
    cut: bool = False


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
        if form is None:
            return self._ask(url, _Question("GET", None, headers or {}, SECONDS, LARGEST_BODY))
        sent = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        return self._ask(url, _Question("POST", body, sent, SECONDS, LARGEST_BODY))

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, kept: int
    ) -> Fetched:
        """POST a body; of the answer's only so many bytes are read. Raises `NotFetched`."""
        return self._ask(url, _Question("POST", body, headers, seconds, kept, cut=True))

    def refuse_inside(self, url: str) -> None:
        """Raise `NotFetched` for what is no address, or is known to lead inside.

        A name that nobody knows may be known tomorrow: it is judged again whenever it is asked.
        """
        parts = _parts(url)
        found = _looked_up(parts, parts.hostname or "")
        if parts.scheme != "https" and not (self.private and _is_own(found)):
            raise NotFetched("The address must begin with https://.")
        self._judge(parts.hostname or "", found)

    def _ask(self, url: str, question: _Question) -> Fetched:
        parts = _parts(url)
        host = parts.hostname or ""
        address = self._address(parts, host)
        if parts.scheme != "https" and not (self.private and not address.is_global):
            raise NotFetched("The address must begin with https://.")
        with _watched(host, question) as watch:
            return _asked(parts, host, address, question, watch)

    def _address(self, parts: SplitResult, host: str) -> Address:
        addresses = _looked_up(parts, host)
        if not addresses:
            raise NotFetched(f"There is no server {host}.")
        self._judge(host, addresses)
        return addresses[0]

    def _judge(self, host: str, addresses: list[Address]) -> None:
        if not all(self._may_ask(each) for each in addresses):
            raise NotFetched(f"{host} is not on the public internet, and nothing else is asked.")

    def _may_ask(self, address: Address) -> bool:
        inner = _inner(address)
        if not address.is_loopback and any(address in each for each in NEVER):
            return False
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


def _looked_up(parts: SplitResult, host: str) -> list[Address]:
    """Every address of a name; none when nobody knows it."""
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(each[4][0]) for each in found]


def _is_own(addresses: list[Address]) -> bool:
    return bool(addresses) and not any(each.is_global for each in addresses)


@contextmanager
def _watched(host: str, question: _Question) -> Iterator[Watch]:
    """Say in words what went wrong; whatever lasts too long is cut off, also half an answer."""
    with Watch(question.seconds) as watch:
        try:
            yield watch
        except (HTTPError, OSError, ValueError) as error:
            if watch.is_over:
                raise _too_slow(host, question) from error
            raise NotFetched(f"{host} could not be asked: {_reason(error)}.") from error
        if watch.is_over:
            raise _too_slow(host, question)


def _too_slow(host: str, question: _Question) -> NotFetched:
    return NotFetched(f"{host} took longer than {question.seconds:g} seconds.")


def _asked(
    parts: SplitResult, host: str, address: Address, question: _Question, watch: Watch
) -> Fetched:
    sent = {"Accept-Encoding": "identity", "User-Agent": "coffer", **question.headers}
    with _pool(parts, host, address, question.seconds, watch) as pool:
        response = pool.urlopen(
            question.method,
            f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
            body=question.body,
            headers={**sent, "Host": parts.netloc},
            redirect=False,
            retries=False,
            preload_content=False,
            assert_same_host=False,
        )
        try:
            body = _body(response, host, question)
        finally:
            response.close()
    return Fetched(response.status, {k.lower(): v for k, v in response.headers.items()}, body)


def _pool(
    parts: SplitResult, host: str, address: Address, seconds: float, watch: Watch
) -> HTTPConnectionPool:
    timeout = Timeout(connect=CONNECT_SECONDS, read=seconds)
    if parts.scheme == "http":
        return WatchedPool(str(address), _port(parts), timeout=timeout, watch=watch)
    return WatchedTlsPool(
        str(address),
        _port(parts),
        timeout=timeout,
        watch=watch,
        ssl_context=ssl.create_default_context(),
        server_hostname=host,
        assert_hostname=host,
    )


def _body(response: BaseHTTPResponse, host: str, question: _Question) -> bytes:
    parts: list[bytes] = []
    ends_at = time.monotonic() + question.seconds
    while chunk := response.read1(CHUNK):
        parts.append(chunk)
        if sum(map(len, parts)) > question.largest:
            if question.cut:
                break
            raise NotFetched(f"{host} sent more than 1 MiB.")
        if time.monotonic() > ends_at:
            raise _too_slow(host, question)
    return b"".join(parts)[: question.largest]


def _reason(error: Exception) -> str:
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    return str(inner).rstrip(".").replace("\n", " ")[:200] or type(error).__name__
