"""DOORS, API: the OpenAPI 3.1 document, made from the operations themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from openapi_pydantic import (
    Components,
    Info,
    MediaType,
    OpenAPI,
    PathItem,
    Reference,
    RequestBody,
    Response,
    SecurityScheme,
    Server,
    Tag,
)
from openapi_pydantic import Header as HeaderObject
from openapi_pydantic import Operation as OperationObject
from openapi_pydantic import Parameter as ParameterObject
from openapi_pydantic import Schema as SchemaObject
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from app.domain.refusals import (
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    Refusal,
    Unauthenticated,
)
from app.web.api.operation import PREFIX, Operation, Operations
from app.web.api.shapes import Problem
from app.web.api.values import LONGEST_KEY
from app.web.problems import MEDIA_TYPE, NotAcceptable, NotJson, TooLarge, WrongMediaType, status_of

VERSION = "1"
ABOUT = """\
Accounts share a pool of credits; what is done with their apps is paid from it.

Send a token with each request. A service token is made by the operator and acts for the member \
that the body names; where the account is administered, it stands in for the owner. A personal \
token is made by a person and acts as that person. An app key bills the account that owns the \
app; it spends, and sees the pool it spends from.

Errors are `application/problem+json` with a `code` that stays the same. Lists take `limit` and \
`cursor`, and answer `items` and `next`. Instants are RFC 3339 in UTC. Credits are whole numbers.
"""
OF_ALL = (Unauthenticated, Forbidden, NotFound, InvalidRequest, RateLimited)
OF_BODIES = (NotJson, TooLarge, WrongMediaType)


def document_of(subjects: Iterable[Operations], url: str) -> dict[str, Any]:
    """Make the whole document."""
    subjects = list(subjects)
    operations = [operation for subject in subjects for operation in subject.all]
    bare = OpenAPI(
        openapi="3.1.1",
        info=Info(title="Coffer", version=VERSION, description=ABOUT),
        servers=[Server(url=url)],
        tags=[Tag(name=subject.tag, description=subject.about) for subject in subjects],
        paths=_paths(operations),
        security=[{"token": []}],
        components=Components(
            securitySchemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="a service token, personal token or app key",
                )
            }
        ),
    )
    whole = construct_open_api_with_schema_class(bare)
    document: dict[str, Any] = whole.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_unset=True
    )
    return document


def _paths(operations: list[Operation]) -> dict[str, PathItem]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _described(operation)
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = described
    return {path: PathItem(**methods) for path, methods in paths.items()}


def _described(operation: Operation) -> OperationObject:
    summary, _, description = (inspect.getdoc(operation.handler) or "").partition("\n")
    body = operation.needs.get("body")
    return OperationObject(
        operationId=operation.name,
        tags=[operation.tag],
        summary=summary.rstrip("."),
        description=description.strip() or None,
        parameters=_parameters(operation) or None,
        requestBody=_request(body, required=not operation.body_optional)
        if body
        else _zip_request(operation),
        responses=_responses(operation),
    )


def _parameters(operation: Operation) -> list[ParameterObject | Reference]:
    given = [
        _parameter(name, "path", SchemaObject(type="string", minLength=1, maxLength=254))
        for name in operation.in_path
    ]
    given += [_key(name) for name in ("key", "optional_key") if name in operation.needs]
    if query := operation.needs.get("query"):
        given += _query(query)
    return [*given]


def _parameter(
    name: str, place: str, schema: SchemaObject, description: str | None = None, **more: bool
) -> ParameterObject:
    given = {"name": name, "in": place, "schema": schema, "description": description}
    return ParameterObject.model_validate({"required": place == "path", **given, **more})


def _key(need: str) -> ParameterObject:
    return _parameter(
        "Idempotency-Key",
        "header",
        SchemaObject(
            type="string", minLength=1, maxLength=LONGEST_KEY, pattern="^[!-~]([ -~]*[!-~])?$"
        ),
        "random, new for each new request; a repeat of the request carries it again",
        required=need == "key",
    )


def _query(model: type[BaseModel]) -> list[ParameterObject]:
    properties: dict[str, dict[str, Any]] = model.model_json_schema().get("properties", {})
    return [
        _parameter(
            name,
            "query",
            SchemaObject.model_validate(_without_null(one)),
            one.pop("description", None),
        )
        for name, one in properties.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out; there is no way to spell null."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if not choices:
        return schema
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return rest | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _request(model: type[BaseModel], *, required: bool) -> RequestBody:
    return RequestBody(required=required, content={"application/json": _media(model)})


def _zip_request(operation: Operation) -> RequestBody | None:
    if "packed" not in operation.needs:
        return None
    return RequestBody(required=True, content={"application/zip": _bytes()})


def _bytes() -> MediaType:
    return MediaType(media_type_schema=SchemaObject(type="string", format="binary"))


def _media(model: type[BaseModel]) -> MediaType:
    return MediaType(media_type_schema=PydanticSchema(schema_class=model))


def _responses(operation: Operation) -> dict[str, Response | Reference]:
    refusals: list[type[Refusal]] = [*OF_ALL, *operation.refusals]
    if {"body", "packed"} & operation.needs.keys():
        refusals += OF_BODIES
    if operation.csv:
        refusals.append(NotAcceptable)
    responses: dict[str, Response | Reference] = {str(operation.status): _success(operation)}
    for status in sorted({status_of(refusal) for refusal in refusals}):
        responses[str(status)] = _refused(status, refusals)
    return responses


def _success(operation: Operation) -> Response:
    response = Response(description=HTTPStatus(operation.status).phrase)
    if operation.answer is not None:
        response.content = {"application/json": _media(operation.answer)}
    if operation.bytes_of is not None:
        response.content = {operation.bytes_of: _bytes()}
    if operation.csv and response.content:
        response.content["text/csv"] = MediaType(
            media_type_schema=SchemaObject(
                type="string", description="one line each, with a header"
            )
        )
    if "key" in operation.needs:
        response.headers = {"Idempotency-Replayed": _replayed()}
    return response


def _replayed() -> HeaderObject:
    return HeaderObject(
        description="`true` when this key was answered before; nothing was changed this time",
        param_schema=SchemaObject(type="string", const="true"),
    )


def _refused(status: int, refusals: list[type[Refusal]]) -> Response:
    codes = dict.fromkeys(
        f"`{refusal.code}`" for refusal in refusals if status_of(refusal) == status
    )
    return Response(description=" or ".join(codes), content={MEDIA_TYPE: _media(Problem)})
