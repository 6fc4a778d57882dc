"""DOORS, API: operations. A handler says in its signature what it needs; this gives it that.

`caller`, `now`, `body`, `packed` (a zip), `query` and `key` are given by name; any other argument
comes from the path. The same declaration makes the route and its part of the OpenAPI document.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from flask import Blueprint, Response, request
from pydantic import BaseModel
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.refusals import NotFound, Refusal
from app.services.credits.answers import Answer
from app.web.api.bodies import Nothing
from app.web.api.gate import caller_from
from app.web.api.reading import (
    read_json,
    read_key,
    read_optional_key,
    read_query,
    require_json,
    require_zip,
    too_large,
)
from app.web.api.writing import PRIVATE, Plain, answer
from app.web.portal import portal

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)
Door = Callable[[bytes, Callable[[str], str | None]], Plain]

PREFIX = "/api/v1"
GIVEN = frozenset({"caller", "now", "body", "packed", "query", "key", "optional_key"})
LONGEST_IN_PATH = 254


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: what it takes, what it answers, how it may refuse."""

    method: str
    path: str
    handler: Handler
    tag: str
    status: int = 200
    answer: type[BaseModel] | None = None
    body_optional: bool = False
    large: bool = False
    csv: bool = False
    most_bytes: int | None = None
    bytes_of: str | None = None
    door: Door | None = None
    refusals: tuple[type[Refusal], ...] = ()
    needs: dict[str, type] = field(init=False)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.handler)
        hints.pop("return", None)
        object.__setattr__(self, "needs", hints)

    @property
    def name(self) -> str:
        """The handler's name, which is the operation's id."""
        return self.handler.__name__

    @property
    def rule(self) -> str:
        """The whole path as Flask spells it."""
        with_slashes = self.path.replace("{path}", "<path:path>")
        return PREFIX + with_slashes.replace("{", "<").replace("}", ">")

    @property
    def in_path(self) -> list[str]:
        """The arguments that come from the path."""
        return [name for name in inspect.signature(self.handler).parameters if name not in GIVEN]

    def view(self, **in_path: str) -> Response:
        """Answer a request: gather what the handler needs, call it, spell what it says."""
        if self.door is not None:
            status, headers, body = self.door(self._raw_body(), request.headers.get)
            return Response(body, status, headers)
        for text in in_path.values():
            if len(text) > LONGEST_IN_PATH or not text.isprintable():
                raise NotFound
        outcome = self.handler(**in_path, **self._gather())
        return outcome if isinstance(outcome, Response) else self._spell(outcome)

    def _gather(self) -> dict[str, Any]:
        """Who calls is settled before anything else that they sent is looked at."""
        now = portal().clock.now()
        given: dict[str, Any] = {"now": now}
        if "caller" in self.needs:
            given["caller"] = caller_from(request.headers.get("Authorization"), now)
        if "key" in self.needs:
            given["key"] = read_key(request.headers.get("Idempotency-Key"))
        if "optional_key" in self.needs:
            given["optional_key"] = read_optional_key(request.headers.get("Idempotency-Key"))
        given["query"] = read_query(self.needs.get("query", Nothing), request.args)
        if "body" in self.needs:
            given["body"] = self._read_body()
        if "packed" in self.needs:
            require_zip(request.headers.get("Content-Type"))
            given["packed"] = self._raw_body()
        return {name: given[name] for name in self.needs if name in given}

    def _read_body(self) -> BaseModel:
        raw = self._raw_body()
        if not raw and self.body_optional:
            raw = b"{}"
        else:
            require_json(request.headers.get("Content-Type"))
        body: BaseModel = read_json(self.needs["body"], raw)
        return body

    def _raw_body(self) -> bytes:
        """Read the body. One byte more than the limit tells a long one from one that just fits."""
        settings = portal().settings
        limit = settings.max_batch_body_bytes if self.large else settings.max_body_bytes
        limit = self.most_bytes or limit
        request.max_content_length = limit + 1
        if (request.content_length or 0) > limit:
            raise too_large(limit)
        try:
            raw = request.get_data(cache=False)
        except RequestEntityTooLarge:
            raise too_large(limit) from None
        if len(raw) > limit:
            raise too_large(limit)
        return raw

    def _spell(self, outcome: object) -> Response:
        if outcome is None:
            return Response(status=204, headers=PRIVATE)
        if isinstance(outcome, Answer):
            status, headers, body = answer(self.status, outcome.value, replayed=outcome.replayed)
        else:
            status, headers, body = answer(self.status, outcome)
        return Response(body, status, headers)


class Operations:
    """The operations of one subject."""

    def __init__(self, tag: str, about: str) -> None:
        self.tag = tag
        self.about = about
        self.all: list[Operation] = []

    def get(self, path: str, **declared: Any) -> Callable[[H], H]:  # noqa: ANN401
        """Declare what GET does."""
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[H], H]:  # noqa: ANN401
        """Declare what POST does."""
        return self._declare("POST", path, declared)

    def patch(self, path: str, **declared: Any) -> Callable[[H], H]:  # noqa: ANN401
        """Declare what PATCH does."""
        return self._declare("PATCH", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[H], H]:  # noqa: ANN401
        """Declare what DELETE does."""
        return self._declare("DELETE", path, declared)

    def _declare(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[H], H]:
        def keep(handler: H) -> H:
            self.all.append(Operation(method, path, handler, self.tag, **declared))
            return handler

        return keep

    def add_to(self, blueprint: Blueprint) -> None:
        """Open all of them."""
        for operation in self.all:
            blueprint.add_url_rule(
                operation.rule,
                operation.name,
                operation.view,
                methods=[operation.method],
                provide_automatic_options=False,
            )
