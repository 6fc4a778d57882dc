"""DOORS of deployed apps, hosts of their own: `<name>.apps.example.com` is one app and no more.

What comes for such a host is led to the sites' one route before anybody reads its path, and
without its cookies: no page of the portal is ever shown there, and nobody is signed in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Where the path within the site is, once the portal's router must not look at it.
OWN_PATH = "coffer.site.path"
NAME = re.compile(r"[a-z0-9-]{1,63}")
NOBODY = "-"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class SitesByHost:
    """A WSGI application around the portal."""

    def __init__(self, portal: WSGIApplication, host: str) -> None:
        self._portal = portal
        self._host = host.partition(":")[0]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Lead what is for a site to the sites; all else is the portal's."""
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower().rstrip(".")
        if host == self._host or host.endswith("." + self._host):
            name = host.removesuffix(self._host).rstrip(".")
            environ = _led(environ, name) | {"HTTP_HOST": self._host}
        return self._portal(environ, start_response)


def _led(environ: WSGIEnvironment, name: str) -> WSGIEnvironment:
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    name = name if NAME.fullmatch(name) else NOBODY
    led = environ | {"PATH_INFO": f"/sites/{name}/", OWN_PATH: path.removeprefix("/")}
    if environ.get("REQUEST_METHOD") not in METHODS:
        led["REQUEST_METHOD"] = "OPTIONS"  # refused by the route, and not by the portal's router
    for secret in ("HTTP_COOKIE", "HTTP_AUTHORIZATION"):
        led.pop(secret, None)
    return led
