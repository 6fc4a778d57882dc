"""DOOR, SCIM: answer what a directory asks, in the words of the protocol."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

import orjson
from flask import Response, current_app, request
from scim2_models import (
    Error,
    ForbiddenException,
    InvalidValueException,
    NotFoundException,
    PayloadTooLargeException,
    SCIMException,
    UnauthorizedException,
    UniquenessException,
)
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse

from app.domain.audit_line import Actor
from app.domain.refusals import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    Refusal,
    Unauthenticated,
)
from app.services.audit.door import come_as
from app.services.sso.scim.connect import connection_of
from app.web.api.rate import Window
from app.web.portal import portal
from app.web.problems import status_of
from app.web.scim.door import COUNTER, PREFIX
from app.web.scim.groups import RoleGroups
from app.web.scim.quirks import mended
from app.web.scim.shapes import group_service, service
from app.web.scim.storage import DirectoryUsers

SPOKEN: dict[type[Refusal], type[SCIMException]] = {
    Conflict: UniquenessException,
    Forbidden: ForbiddenException,
    InvalidRequest: InvalidValueException,
    NotFound: NotFoundException,
    Unauthenticated: UnauthorizedException,
}


def answered(public_id: str, path: str) -> Response:
    """Answer one request; what is refused is spoken as SCIM does."""
    try:
        return sent(_handled(public_id, path))
    except SCIMException as refusal:
        return sent(service().error_response(refusal))
    except Refusal as refusal:
        return sent(_refused(refusal))


def failed(status: int, detail: str) -> Response:
    """Answer with an error."""
    return sent(_error(status, detail))


def _handled(public_id: str, path: str) -> ScimResponse:
    now = portal().clock.now()
    connection = connection_of(public_id, _token(), now)
    come_as(Actor.TOKEN, f"directory, with the token …{connection.hint}")
    cast(Window, current_app.extensions[COUNTER]).count(connection.account_id)
    url = f"{portal().settings.public_url}{PREFIX}/{connection.public_id}"
    asked = ScimRequest(
        method=request.method,
        base_url=url,
        path=f"/{path}",
        query=request.args.to_dict(),
        headers=list(request.headers.items()),
        body=mended(request.method, _body()),
    )
    if path.partition("/")[0].lower() == "groups":
        groups = RoleGroups(connection.account_id, connection.made_at)
        return ScimHandler(group_service(), groups).handle(asked)
    return ScimHandler(service(), DirectoryUsers(connection.account_id, now)).handle(asked)


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.isascii() else ""


def _body() -> bytes:
    limit = portal().settings.max_body_bytes
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise PayloadTooLargeException(detail=f"A request may have at most {limit} bytes.")
    return body


def _refused(refusal: Refusal) -> ScimResponse:
    for kind, spoken in SPOKEN.items():
        if isinstance(refusal, kind):
            return service().error_response(spoken(detail=refusal.detail))
    response = _error(status_of(refusal), refusal.detail)
    if isinstance(refusal, RateLimited):
        response.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return response


def _error(status: int, detail: str) -> ScimResponse:
    body: dict[str, Any] = Error(status=status, detail=detail).model_dump()
    return ScimResponse(HTTPStatus(status), body)


def sent(response: ScimResponse) -> Response:
    """Spell an answer."""
    body = b"" if response.body is None else orjson.dumps(response.body)
    headers = {"Cache-Control": "no-store", **response.headers}
    return Response(body, int(response.status), headers, content_type=SCIM_MEDIA_TYPE)
