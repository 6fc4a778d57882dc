"""Where a site is found by visitors: on a host of its own, or under the portal's."""

from __future__ import annotations

from app.settings import Settings


def address_of(settings: Settings, name: str, path: str = "") -> str:
    """Spell a site's address; a `path` within it is quoted already."""
    if settings.sites_host:
        scheme = "https" if settings.is_https else "http"
        return f"{scheme}://{name}.{settings.sites_host}/{path}"
    return f"{settings.public_url}/sites/{name}/{path}"
