"""The code editor: Ace, sent out of the package that is installed, and only what pages use of it.

Nothing is copied. A page with an editor loads none of this until somebody begins to write.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.refusals import NotFound
from app.web.pages.page import pages

PACKAGE = "django_ace"  # its static files only; nothing of Django is imported
MODES = "css|html|javascript|json|markdown|python|sh|sql|svg|text|toml|typescript|xml|yaml"
SENT = re.compile(
    rf"ace\.js|mode-({MODES})\.js|ext-(searchbox|prompt)\.js|theme-github_(dark|light_default)\.js"
    r"|css/ace\.css|css/theme/(github_dark|github_light_default|textmate)\.css"
    r"|css/(main|github_dark|github_light_default)-\d+\.(png|svg)"
)
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
A_YEAR = "public, max-age=31536000, immutable"


@pages.get("/editor/<version>/<path:name>", endpoint="ace")
def serve_ace(version: str, name: str) -> ResponseReturnValue:
    """Send a file of the editor, packed for those who can unpack it."""
    if not SENT.fullmatch(name):
        raise NotFound
    pack = "gzip" in request.headers.get("Accept-Encoding", "")
    plain, packed = _file(name)
    answer = Response(packed if pack else plain, mimetype=TYPES[Path(name).suffix])
    answer.headers["Cache-Control"] = A_YEAR if version == ace_version() else "no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    if pack:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@pages.app_template_global("ace_base")
def ace_base() -> str:
    """The address under which the editor's files lie; it changes with the package."""
    whole = url_for("pages.ace", version=ace_version(), name="ace.js")
    return whole.removesuffix("/ace.js")


@cache
def ace_version() -> str:
    """The version of the package."""
    return version_of("django-ace")


@cache
def _file(name: str) -> tuple[bytes, bytes]:
    plain = (_folder() / name).read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0)


@cache
def _folder() -> Path:
    found = find_spec(PACKAGE)
    assert found is not None, "django-ace is a dependency"
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "static" / PACKAGE / "ace"
