"""DOORS, API: the OpenAPI document as a page for people, made on the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from app.domain.refusals import Refusal
from app.web.problems import STATUSES

CODE = re.compile(r"`([^`]+)`")
KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter."""

    name: str
    kind: Markup
    about: Markup
    required: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    about: Markup
    parameters: list[Field]
    body: str | None
    answers: list[tuple[str, Markup, str | None]]


def prose(text: str | None) -> Markup:
    """Escape a text and show what stands in backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text or ""))))  # noqa: S704 - escaped


def subjects_of(document: dict[str, Any]) -> list[tuple[dict[str, str], list[Call]]]:
    """List the tags with their operations, in the order of the document."""
    calls = [
        (operation["tags"][0], _call(method, path, operation))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        (tag, [call for name, call in calls if name == tag["name"]]) for tag in document["tags"]
    ]


def shapes_of(document: dict[str, Any]) -> list[tuple[str, Markup, list[Field]]]:
    """List what bodies and answers are made of."""
    return [
        (name, prose(schema.get("description")), list(_fields(schema)))
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def codes() -> list[tuple[str, list[int], str, str]]:
    """List the codes of problems with their statuses and what each means."""
    kinds: dict[str, list[type[Refusal]]] = {}
    for kind in STATUSES:
        kinds.setdefault(kind.code, []).append(kind)
    return [
        (code, sorted({STATUSES[kind] for kind in same}), same[-1].title, _meaning(same[-1]))
        for code, same in kinds.items()
    ]


def _meaning(kind: type[Refusal]) -> str:
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def _call(method: str, path: str, operation: dict[str, Any]) -> Call:
    content = operation.get("requestBody", {}).get("content", {})
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=prose(operation.get("description")),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_shape(content),
        answers=[
            (status, prose(response["description"]), _shape(response.get("content", {})))
            for status, response in operation["responses"].items()
        ],
    )


def _shape(content: dict[str, Any]) -> str | None:
    for media in content.values():
        if "$ref" in media.get("schema", {}):
            return _name(media["schema"])
    return None


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _parameter(one: dict[str, Any]) -> Field:
    place = {"path": "in the path", "query": "in the query", "header": "header"}[one["in"]]
    about = prose(one.get("description") or place)
    return Field(one["name"], _kind(one["schema"]), about, bool(one.get("required")))


def _fields(schema: dict[str, Any]) -> Iterable[Field]:
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        yield Field(name, _kind(one), prose(one.get("description")), name in required)


def _kind(schema: dict[str, Any]) -> Markup:
    """Say in words what a value may be."""
    if "$ref" in schema:
        name = _name(schema)
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return Markup(" | ").join(Markup("<code>{}</code>").format(value) for value in values)
    if schema.get("type") == "array":
        return Markup("list of {}").format(_kind(schema["items"]))
    if schema.get("type") == "null":
        return Markup("<code>null</code>")
    return Markup("{}{}").format(_plain(schema), _bounds(schema))


def _plain(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "instant"
    return schema.get("format") or KINDS.get(schema.get("type", ""), "anything")


def _bounds(schema: dict[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None and most < 2**53:
        return f", {least:,.0f} to {most:,.0f}"
    longest = schema.get("maxLength")
    return f", at most {longest:,} characters" if longest else ""
