"""DOORS, API: writing answers. One way to spell JSON, one way to spell a refusal."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel

from app.domain.refusals import Refusal
from app.web.problems import MEDIA_TYPE, headers_of, problem_of, status_of

JSON_TYPE = ("Content-Type", "application/json")
PRIVATE = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
REPLAYED = ("Idempotency-Replayed", "true")

Plain = tuple[int, list[tuple[str, str]], bytes]


def to_json(value: object) -> bytes:
    """Spell a value as JSON; instants are RFC 3339 in UTC, field names those of the value."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_UTC_Z)


def _default(value: object) -> Any:  # noqa: ANN401 - orjson asks for anything it can spell
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError


def answer(status: int, value: object, *, replayed: bool = False) -> Plain:
    """Make an answer that any server can send."""
    headers = [JSON_TYPE, *PRIVATE]
    if replayed:
        headers.append(REPLAYED)
    return status, headers, to_json(value)


def refuse(refusal: Refusal) -> Plain:
    """Make the answer that carries a refusal."""
    headers = [("Content-Type", MEDIA_TYPE), *PRIVATE, *headers_of(refusal)]
    return status_of(refusal), headers, to_json(problem_of(refusal))
