"""What a setting may be: addresses, hosts, rates and name servers, each read and checked."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

_MAIL_SCHEMES = ("smtp://", "smtp+starttls://", "smtps://")
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+(:[0-9]{1,5})?")
_RATE = r"^[1-9][0-9]* ?(/|per) ?(second|minute|hour|day)$"


def _database(url: str) -> str:
    """Spell a PostgreSQL address with the driver that Coffer uses."""
    if not url:
        return url
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return url


def _web_address(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url.rstrip("/")


def _mail_address(url: str) -> str:
    if url and not url.startswith(_MAIL_SCHEMES):
        raise ValueError(f"must be empty or begin with {', '.join(_MAIL_SCHEMES)}")
    return url


def _sites_host(text: str) -> str:
    """Check a host of at least two labels, and a port if people have to write one."""
    host = text.strip().lower()
    if host and not _HOST.fullmatch(host):
        raise ValueError("must be a host such as apps.example.com or apps.localhost:8000")
    return host


def _name_servers(text: str) -> str:
    """Check addresses of name servers, such as `10.0.0.53` or `[::1]:5353`, with commas between."""
    servers_in(text)
    return text


def servers_in(text: str) -> list[tuple[str, int]]:
    """Read addresses of servers with their ports; 53 when none is given."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [_server(part) for part in parts]


def _server(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    try:
        return str(ip_address(parts.hostname or "")), 53 if parts.port is None else parts.port
    except ValueError:
        raise ValueError(
            "must be addresses such as 10.0.0.53, 10.0.0.53:5353 or [::1]:5353"
        ) from None


Rate = Annotated[str, Field(pattern=_RATE)]
DatabaseAddress = Annotated[str, AfterValidator(_database)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
SitesHost = Annotated[str, AfterValidator(_sites_host)]
NameServers = Annotated[str, AfterValidator(_name_servers)]
