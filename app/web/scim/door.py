"""DOOR, SCIM: `/scim/v2/<id>/…`. The address names the directory, its token proves it.

The protocol's library is loaded when the first directory calls: most installations have none.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from app.extensions import csrf
from app.web.api.rate import Window

PREFIX, COUNTER = "/scim/v2", "coffer_scim_rate"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
scim = Blueprint("scim", __name__)
log = logging.getLogger(__name__)


def open_door(app: Flask) -> None:
    """Register everything with the application."""
    app.extensions[COUNTER] = Window(app.extensions["coffer"].settings.rate_limit_per_token)
    csrf.exempt(scim)
    app.register_blueprint(scim)


@scim.route(f"{PREFIX}/<public_id>/", methods=METHODS, defaults={"path": ""})
@scim.route(f"{PREFIX}/<public_id>/<path:path>", methods=METHODS)
def answer(public_id: str, path: str) -> Response:
    """Answer whatever a directory asks."""
    from app.web.scim.answers import answered

    return answered(public_id, path)


@scim.errorhandler(HTTPException)
def misread(error: HTTPException) -> Response:
    """The server could not read the request."""
    from app.web.scim.answers import failed

    return failed(error.code or 400, error.description or "It can't be read.")


@scim.errorhandler(Exception)
def broken(error: Exception) -> Response:
    """Something broke; what it was stands in the log."""
    from app.web.scim.answers import failed

    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return failed(500, "Something went wrong on our side. Try again later.")
