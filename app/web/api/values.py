"""DOORS, API: the values that requests may carry. Everything has a limit.

Rules of the product (is the slug free, is the action known) are the services'; here stands only
what any value must keep to before it is worth asking.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from app.domain.transaction import OWN_MARK

LONGEST_KEY = 255
LARGEST_QUANTITY = 1_000_000
LARGEST_AMOUNT = 10**15
LARGEST_INTEGER = 2**63 - 1
LONGEST_HOLD = 86_400
METADATA_BYTES = 4096
METADATA_DEPTH = 4
# Control characters, those that turn the direction of text, and line separators.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
UNPRINTABLE_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
ZONE_AFTER_SPACE = re.compile(r" (?=\d\d:\d\d$)")


class Body(BaseModel):
    """Base of all request bodies: nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Query(BaseModel):
    """Base of all query strings: nothing unknown; numbers and instants are read from text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _plain(value: str) -> str:
    if UNPRINTABLE.search(value):
        raise ValueError("contains characters that can't be shown on one line")
    return value


def _plain_lines(value: str) -> str:
    if UNPRINTABLE_BUT_LINES.search(value):
        raise ValueError("contains control characters")
    return value


def _base64(value: str) -> str:
    try:
        b64decode(value, validate=True)
    except ValueError:
        raise ValueError("is not base64") from None
    return value


def _rfc_3339(value: object) -> object:
    """A plus sign that a client forgot to escape in a query arrives as a space."""
    text = ZONE_AFTER_SPACE.sub("+", value) if isinstance(value, str) else ""
    if not RFC_3339.fullmatch(text):
        raise ValueError("must be an RFC 3339 instant, such as 2026-01-31T12:00:00Z")
    return text


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside of the calendar") from None


def _sound_metadata(value: dict[str, Any]) -> dict[str, Any]:
    if value:
        if OWN_MARK in value:
            raise ValueError(f"can't have the name {OWN_MARK!r}, which is Coffer's own")
        _check(value, METADATA_DEPTH)
        if len(orjson.dumps(value)) > METADATA_BYTES:
            raise ValueError(f"may take at most {METADATA_BYTES} bytes as JSON")
    return value


def _check(value: object, depth: int) -> None:
    """Refuse what would not come back from a database as it was."""
    match value:
        case str() if UNPRINTABLE_BUT_LINES.search(value):
            raise ValueError("contains control characters")
        case float() if not math.isfinite(value):
            raise ValueError("contains a number that is too large")
        case int() if abs(value) > LARGEST_INTEGER:
            raise ValueError("contains an integer of more than 64 bits")
        case dict():
            _check_all([*value, *value.values()], depth)
        case list():
            _check_all(value, depth)


def _check_all(values: list[object], depth: int) -> None:
    if not depth:
        raise ValueError(f"may be nested at most {METADATA_DEPTH} deep")
    for value in values:
        _check(value, depth - 1)


Line = Annotated[str, AfterValidator(_plain)]
Name = Annotated[Line, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=2000), AfterValidator(_plain_lines)]
Reason = Annotated[Line, Field(max_length=500)]
Slug = Annotated[Line, Field(min_length=1, max_length=40)]
Email = Annotated[
    Line,
    Field(min_length=3, max_length=254, json_schema_extra={"format": "email"}),
    AfterValidator(str.lower),
]
Reference = Annotated[Line, Field(min_length=1, max_length=64)]
Action = Annotated[Line, Field(min_length=1, max_length=100)]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Seconds = Annotated[int, Field(ge=1, le=LONGEST_HOLD)]
Metadata = Annotated[dict[str, Any], AfterValidator(_sound_metadata)]
Instant = Annotated[AwareDatetime, BeforeValidator(_rfc_3339), AfterValidator(_in_utc)]
Base64 = Annotated[
    str, AfterValidator(_base64), Field(json_schema_extra={"contentEncoding": "base64"})
]
Key = Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern=r"^[ -~]+$")]
