"""From settings to a provider: what the operator typed is checked before anything is sent."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.hookspecs import Host
from plugins.billing_stripe.api import RETRIES, Api
from plugins.billing_stripe.asking import Wishes
from plugins.billing_stripe.attempts import Attempts
from plugins.billing_stripe.provider import StripeProvider

SECRET_KEY = re.compile(r"[sr]k_\w+")
SUFFIX = re.compile(r"[^<>\\'\"*]{1,22}")


def connect(host: Host, settings: Mapping[str, Any], *, retries: int = RETRIES) -> StripeProvider:
    """Make the provider; raises `ValueError` when a setting can't be right, without its value."""
    api = Api(secret_key(settings["secret_key"]), api_base(settings["api_base"]), retries=retries)
    wishes = Wishes(
        currencies=frozenset(_words(settings["currencies"].upper())),
        statement_suffix=_suffix(settings["statement_suffix"].strip()),
        automatic_tax=settings["automatic_tax"],
    )
    attempts = Attempts(host.tables, host.now)
    return StripeProvider(api, attempts, wishes, _words(settings["webhook_secret"]))


def secret_key(text: str) -> str:
    """Take a key that may charge, or raise `ValueError`."""
    if not SECRET_KEY.fullmatch(text.strip()):
        raise ValueError("secret_key must be a secret key (sk_…) or a restricted key (rk_…)")
    return text.strip()


def api_base(text: str) -> str:
    """Take a base address, or raise `ValueError`: https, or anything on this machine itself."""
    parts = urlsplit(text.strip())
    if parts.username or parts.query or parts.fragment or not parts.hostname:
        raise ValueError("api_base must be an address such as https://api.stripe.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        raise ValueError("api_base must begin with https:// unless it is on this machine")
    return text.strip().rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _suffix(text: str) -> str:
    if text and not SUFFIX.fullmatch(text):
        raise ValueError("statement_suffix has at most 22 characters, and none of < > \\ ' \" *")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
