"""DOORS: how this installation asks addresses of webhooks, as its settings allow."""

from __future__ import annotations

from app.services.fetch_safely import SafeFetch
from app.web.portal import portal


def webhook_fetch() -> SafeFetch:
    """Judge and ask addresses of webhooks; private ones only if the operator allows them."""
    return SafeFetch(portal().settings.webhooks_to_private_networks)
