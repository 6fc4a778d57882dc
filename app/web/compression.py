"""DOORS, compression: pages go out packed, to requests that no other site can have caused.

The length of a packed page tells a little about what is in it. Whoever listens on the wire and can
make the browser ask again and again, each time with another guess in the address, could find
out a secret letter by letter (BREACH). So a page is packed only where the browser says that its
own person or our own pages asked for it; what other sites cause goes out as it is.
"""

from __future__ import annotations

from flask import Flask, Response, request

from app.extensions import compress

OURS = {"same-origin", "none"}


def register(app: Flask) -> None:
    """Pack pages on their way out."""
    compress.init_app(app)
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if response.mimetype != "text/html" or request.headers.get("Sec-Fetch-Site") not in OURS:
        return response
    return compress.after_request(response)
