"""DOORS of deployed apps, AI models: `POST _coffer/ai/v1/chat/completions`, relative to a site.

Only the app's own pages may ask: on a host of its own that is an origin of its own; a sandboxed
page has none, which browsers spell `null`. No key is needed, and none is ever sent to a browser.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue

from app.domain.refusals import Forbidden, NotFound, Refusal
from app.domain.site import RESERVED
from app.services.ai.call import Surroundings
from app.services.sites.address import address_of
from app.services.sites.visitors import ask_for_visitor
from app.web.ai.errors import refuse
from app.web.portal import portal
from app.web.problems import MethodNotAllowed
from app.web.sites.own_host import OWN_PATH

CHAT = f"{RESERVED}/ai/v1/chat/completions"
NO_ORIGIN = "null"
MAY_ASK = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "*, authorization",
    "Access-Control-Max-Age": "600",
}
EMPTY = 204


def answer_visitor(name: str, path: str) -> ResponseReturnValue:
    """Answer what a page of a site asks of an AI model."""
    if request.method == "OPTIONS" and path == CHAT and OWN_PATH not in request.environ:
        return b"", EMPTY, MAY_ASK
    try:
        return _asked(name, path)
    except Refusal as refusal:
        status, headers, body = refuse(refusal)
        return Response(body, status, headers)


def _asked(name: str, path: str) -> ResponseReturnValue:
    if path != CHAT:
        raise NotFound(f"A site has {CHAT} and nothing else under {RESERVED}.")
    if request.method != "POST":
        raise MethodNotAllowed(request.method, ["POST"])
    if request.headers.get("Origin") != _origin(name):
        raise Forbidden("Only the app's own pages may ask for this.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    here = Surroundings(portal().clock.now, app.app_context)
    reply = ask_for_visitor(name, request.remote_addr or "", request.get_data(), here)
    private = {"Cache-Control": "no-store"}
    return Response(reply.body, content_type=reply.content_type, headers=private)


def _origin(name: str) -> str:
    """What browsers say where a page of the site asks."""
    settings = portal().settings
    return address_of(settings, name).rstrip("/") if settings.sites_host else NO_ORIGIN
