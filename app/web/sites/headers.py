"""DOORS of deployed apps, headers: what keeps an app's script from the portal.

On a host of its own an app has an origin of its own, and browsers keep origins apart. On the
portal's host the sandbox gives each page an origin that is nobody's: its scripts have no cookies,
no storage and no service worker, and what they ask for carries no cookie and can't be read,
except the app's own files, which are everybody's anyway.
"""

from __future__ import annotations

SANDBOX = {
    "Content-Security-Policy": "sandbox allow-scripts allow-forms allow-popups allow-modals",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Opener-Policy": "unsafe-none",
}
OWN_ORIGIN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Origin-Agent-Cluster": "?1",
}
A_YEAR = "max-age=31536000"


def site_headers(*, own_host: bool, https: bool) -> dict[str, str]:
    """Give the headers of everything that a site answers."""
    headers = dict(OWN_ORIGIN if own_host else SANDBOX)
    return headers | ({"Strict-Transport-Security": A_YEAR} if https else {})
