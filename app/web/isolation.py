"""DOORS, isolation: what scripts of other sites, deployed apps among them, may ask of the portal.

Browsers say who caused a request (`Sec-Fetch-Site`) and what for (`Sec-Fetch-Mode`). A person who
follows a link or sends a form is navigating. What a script or a tag of another site asks for is
refused before anybody looks who is signed in, so that not even the time that an answer takes
tells anything.
"""

from __future__ import annotations

from flask import Flask, request
from flask.typing import ResponseReturnValue

OTHERS = {"cross-site", "same-site"}
BY_SCRIPT = {"cors", "no-cors", "same-origin", "websocket"}
SITES = "sites"
REFUSED = 403


def register(app: Flask) -> None:
    """Stand before every door but that of the sites, which are open to everybody."""
    app.before_request_funcs.setdefault(None, []).insert(0, _keep_out)


def _keep_out() -> ResponseReturnValue | None:
    headers = request.headers
    is_others = headers.get("Sec-Fetch-Site") in OTHERS
    if not is_others or headers.get("Sec-Fetch-Mode") not in BY_SCRIPT or is_site():
        return None
    words = "Another site's script asked for this. Only its own pages may.\n"
    return words, REFUSED, {"Content-Type": "text/plain; charset=utf-8"}


def is_site() -> bool:
    """Tell whether a deployed app is asked for, and not the portal."""
    return request.blueprint == SITES
