"""DOORS of deployed apps, the one route: every address of every site, whatever the method.

On the portal's host an app is a page among others, so requests that only an attack would make
are refused there: the portal's own pages never load a site's file, and nothing is a worker.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app.domain.media_type import media_type
from app.domain.site import RESERVED, Chosen, Found
from app.services.sites.address import address_of
from app.services.sites.serve import Served, body_of, what_is_served
from app.store.sites import OnTheWeb
from app.web.portal import portal
from app.web.sites.ai import answer_visitor
from app.web.sites.headers import site_headers
from app.web.sites.own_host import METHODS, NAME, OWN_PATH

sites = Blueprint("sites", __name__)

READING = {"GET", "HEAD"}
OK, UNCHANGED, REFUSED, NOT_FOUND, NOT_ALLOWED, BROKEN = 200, 304, 403, 404, 405, 500
WORKERS = {"serviceworker", "sharedworker", "worker"}
PACKED = "-gzip"
# Looked at again each time: what was put back or taken down is seen at once.
ALWAYS_ASK = "public, no-cache"


@sites.route("/sites/<name>/", defaults={"path": ""}, methods=METHODS)
@sites.route("/sites/<name>/<path:path>", methods=METHODS)
def site(name: str, path: str) -> ResponseReturnValue:
    """Answer for a site."""
    settings = portal().settings
    on_own_host = OWN_PATH in request.environ
    if settings.sites_host and not on_own_host:
        if not NAME.fullmatch(name):  # it would be read as another host
            return _said("No app is on the web at this address.", NOT_FOUND)
        return redirect(address_of(settings, name, quote(path)))
    if not on_own_host and _is_an_attack():
        return _said("This can't be asked for here.", REFUSED)
    path = request.environ.get(OWN_PATH, path)
    if path.split("/")[0] == RESERVED:
        return answer_visitor(name, path)
    if request.method not in READING:
        return _said("A site can only be read.", NOT_ALLOWED, {"Allow": "GET, HEAD"})
    return _answer(name, path)


@sites.after_request
def keep_apart(response: Response) -> Response:
    """Set what keeps the app from the portal, on whatever is answered."""
    headers = site_headers(own_host=OWN_PATH in request.environ, https=portal().settings.is_https)
    response.headers.update(headers)
    response.headers.setdefault("Cache-Control", ALWAYS_ASK)
    return response


@sites.errorhandler(HTTPException)
def failed(error: HTTPException) -> ResponseReturnValue:
    """Say what went wrong without a page of the portal."""
    return _said("This could not be answered.", error.code or BROKEN)


def _is_an_attack() -> bool:
    """Tell what the portal's pages never ask for: a site's file as a script, frame or worker."""
    headers = request.headers
    what_for = headers.get("Sec-Fetch-Dest", "document")
    by_portal = headers.get("Sec-Fetch-Site") == "same-origin" and what_for != "document"
    return by_portal or what_for in WORKERS or "Service-Worker" in headers


def _answer(name: str, path: str) -> ResponseReturnValue:
    match what_is_served(name, path):
        case Served(chosen=Chosen(how=Found.FOLDER)):
            return redirect(_with_slash(path))
        case Served() as served:
            return _file(served)
        case OnTheWeb(address=str(elsewhere)):
            return redirect(elsewhere)
        case OnTheWeb(live=int()):
            return _said("There is nothing here.", NOT_FOUND)
        case _:
            return _said("No app is on the web at this address.", NOT_FOUND)


def _with_slash(path: str) -> str:
    """The same address as a folder's, so that what its page names is looked for inside."""
    query = request.query_string.decode("ascii", "replace")
    return f"./{quote(path.rpartition('/')[2])}/" + (f"?{query}" if query else "")


def _file(served: Served) -> ResponseReturnValue:
    known = [tag for tag in (served.digest, served.digest + PACKED) if tag in request.if_none_match]
    headers = {"Vary": "Accept-Encoding", "Cache-Control": ALWAYS_ASK}
    if known and not served.chosen.is_missing:
        return b"", UNCHANGED, headers | {"ETag": f'"{known[0]}"'}
    body = body_of(served)
    packed = body.packed if request.accept_encodings["gzip"] > 0 else None
    answer = Response(
        body.plain if packed is None else packed,
        NOT_FOUND if served.chosen.is_missing else OK,
        headers,
        content_type=media_type(served.chosen.path),
    )
    answer.set_etag(served.digest + (PACKED if packed is not None else ""))
    if packed is not None:
        answer.content_encoding = "gzip"
    return answer


def _said(words: str, status: int, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    plain = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": ALWAYS_ASK}
    return f"{words}\n", status, plain | (headers or {})
