"""DOORS, API: all of its addresses, and what is answered where there is none."""

from __future__ import annotations

import logging
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.routing import Map, Rule

from app.domain.refusals import NotFound, Refusal
from app.web.api import (
    accounts,
    actions,
    app_versions,
    apps,
    audit,
    deductions,
    domains,
    holds,
    invitations,
    limits,
    members,
    usage,
    webhook_deliveries,
    webhooks,
    workspaces,
)
from app.web.api.fast_lane import LANE, FastLane
from app.web.api.gate import COUNTER
from app.web.api.operation import PREFIX
from app.web.api.rate import RateLimit
from app.web.api.writing import JSON_TYPE, refuse, to_json
from app.web.portal import Portal
from app.web.problems import InternalError, MethodNotAllowed, NotJson
from app.web.whole_path import WholePath

SUBJECTS = (
    accounts.operations,
    usage.operations,
    deductions.operations,
    holds.operations,
    workspaces.operations,
    members.operations,
    invitations.operations,
    domains.operations,
    apps.operations,
    app_versions.operations,
    actions.operations,
    limits.operations,
    webhooks.operations,
    webhook_deliveries.operations,
    audit.operations,
)
DOCUMENT = "coffer_openapi"
ADDRESSES = Map(
    [
        Rule(operation.rule, methods=[operation.method], endpoint=operation.name)
        for subject in SUBJECTS
        for operation in subject.all
    ],
    strict_slashes=True,
    redirect_defaults=False,
    converters={"path": WholePath},
)
log = logging.getLogger(__name__)


def open_doors(app: Flask) -> None:
    """Register everything with the application."""
    settings = cast(Portal, app.extensions["coffer"]).settings
    app.extensions[COUNTER] = RateLimit(settings)
    blueprint = _blueprint()
    if csrf := app.extensions.get("csrf"):
        csrf.exempt(blueprint)  # a bearer token is not sent by a browser on its own
    app.register_blueprint(blueprint)
    lane = FastLane(app, app.wsgi_app, settings.max_body_bytes)
    app.extensions[LANE] = app.wsgi_app = lane  # type: ignore[method-assign]


def _blueprint() -> Blueprint:
    blueprint = Blueprint("api", __name__)
    for subject in SUBJECTS:
        subject.add_to(blueprint)
    blueprint.add_url_rule(f"{PREFIX}/openapi.json", "openapi", _openapi)
    blueprint.add_url_rule("/api/docs", "docs", _docs)
    blueprint.record_once(_close_the_rest)
    blueprint.register_error_handler(Refusal, _refused)
    blueprint.register_error_handler(HTTPException, _misread)
    blueprint.register_error_handler(Exception, _broken)
    return blueprint


def _close_the_rest(state: BlueprintSetupState) -> None:
    """Answer for every other address under /api, whatever the method, even made-up ones."""
    state.app.view_functions["api.nowhere"] = _nowhere
    for rule in ("/api", "/api/", "/api/<path:rest>"):
        state.app.url_map.add(Rule(rule, endpoint="api.nowhere"))


def _openapi() -> Response:
    """Give the OpenAPI document."""
    return Response(
        to_json(_document()), headers=[JSON_TYPE, ("Cache-Control", "public, max-age=300")]
    )


def _docs() -> str:
    """Show the document to people."""
    from app.web.api import explained

    document = _document()
    return render_template(
        "api/docs.html",
        about=[explained.prose(part) for part in document["info"]["description"].split("\n\n")],
        address=document["servers"][0]["url"],
        subjects=explained.subjects_of(document),
        codes=explained.codes(),
        shapes=explained.shapes_of(document),
    )


def _document() -> dict[str, Any]:
    """The document of this installation, made once, when it is first asked for."""
    made: dict[str, Any] | None = current_app.extensions.get(DOCUMENT)
    if made is None:
        from app.web.api.document import document_of

        url = cast(Portal, current_app.extensions["coffer"]).settings.public_url
        made = current_app.extensions[DOCUMENT] = document_of(SUBJECTS, url)
    return made


def _nowhere(rest: str = "") -> Response:
    """Say that there is no such address, or not for this method."""
    try:
        ADDRESSES.bind("").match(f"/api/{rest}", method=request.method)
    except WrongMethod as wrong:
        raise MethodNotAllowed(
            request.method, sorted(set(wrong.valid_methods or ()) - {"HEAD"})
        ) from None
    except HTTPException:
        pass
    raise NotFound(f"There is no such address; {PREFIX}/openapi.json lists all.")


def _refused(refusal: Refusal) -> Response:
    status, headers, body = refuse(refusal)
    return Response(body, status, headers)


def _misread(error: HTTPException) -> Response:
    """The server could not read the request: it broke off, or is badly framed."""
    return _refused(NotJson(error.description or "The request can't be read."))


def _broken(error: Exception) -> Response:
    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return _refused(InternalError())
