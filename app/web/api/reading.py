"""DOORS, API: reading requests. What can't be read is refused in words that say what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.domain.refusals import InvalidRequest
from app.web.api.values import LONGEST_KEY
from app.web.problems import NotJson, TooLarge, WrongMediaType

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from werkzeug.datastructures import MultiDict

M = TypeVar("M", bound=BaseModel)

SHOWN_ERRORS = 20
SPACE_BEFORE_COLON = (b" :", b"\t:", b"\n:", b"\r:")
WORDS = {
    "extra_forbidden": "this field is not known here",
    "missing": "this field is missing",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a JSON array",
    "int_type": "must be a whole number, not text",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
}


def require_json(media_type: str | None) -> None:
    """Refuse a body that is said to be something else than JSON."""
    kind, _, parameters = (media_type or "").partition(";")
    charset = parameters.partition("charset=")[2].strip(' "').lower()
    if kind.strip().lower() != "application/json" or charset not in {"", "utf-8", "utf8"}:
        raise WrongMediaType("Send the body as JSON, with Content-Type: application/json.")


def require_zip(media_type: str | None) -> None:
    """Refuse a body that is said to be something else than a zip."""
    kind = (media_type or "").partition(";")[0].strip().lower()
    if kind not in {"application/zip", "application/x-zip-compressed"}:
        raise WrongMediaType("Send the files as a zip, with Content-Type: application/zip.")


def too_large(limit: int) -> TooLarge:
    """Make the refusal of a body that is longer than the limit."""
    return TooLarge(f"The body may have at most {limit} bytes; send less, or send it in parts.")


def read_json(model: type[M], raw: bytes) -> M:
    """Read a body strictly: no unknown or repeated fields, no conversions."""
    try:
        body = model.model_validate_json(raw)
    except ValidationError as error:
        raise refusal_of(error) from None
    require_unique_names(raw, count_names(body))
    return body


def read_query(model: type[M], given: MultiDict[str, str]) -> M:
    """Read a query string; a parameter may be given once."""
    for name, values in given.lists():
        if len(values) > 1:
            raise invalid([(name, "is given more than once")])
    try:
        return model.model_validate_strings(given.to_dict())
    except ValidationError as error:
        raise refusal_of(error) from None


def read_key(text: str | None) -> str:
    """Read the Idempotency-Key header, which must be there."""
    key = read_optional_key(text)
    if key is None:
        raise invalid(
            [("Idempotency-Key", "is missing; send a new random one with each new request")]
        )
    return key


def read_optional_key(text: str | None) -> str | None:
    """Read the Idempotency-Key header where there is one."""
    if text is not None and not (
        0 < len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()
    ):
        raise invalid(
            [("Idempotency-Key", f"must be 1 to {LONGEST_KEY} printable ASCII characters")]
        )
    return text


def invalid(errors: list[tuple[str, str]]) -> InvalidRequest:
    """Make a refusal whose sentence names the first thing to mend."""
    field, message = errors[0]
    more = f" ({len(errors) - 1} more in errors)" if len(errors) > 1 else ""
    return InvalidRequest(f"{field}: {message}{more}." if field else f"{message}{more}.", errors)


def refusal_of(error: ValidationError) -> InvalidRequest:
    """Turn what pydantic found into a refusal."""
    found = error.errors(include_url=False, include_context=True)
    if found[0]["type"] == "json_invalid":
        return _not_json(found[0])
    return invalid([(_field(one["loc"]), _message(one)) for one in found[:SHOWN_ERRORS]])


def _not_json(found: ErrorDetails) -> NotJson:
    if not found["input"].strip():
        return NotJson("The body is empty; send a JSON object.")
    reason = found.get("ctx", {}).get("error", "")
    return NotJson(f"The body is not JSON that can be read: {reason}.")


def _field(location: Iterable[int | str]) -> str:
    return ".".join(map(str, location))


def _message(error: ErrorDetails) -> str:
    text = WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def count_names(body: BaseModel) -> int:
    """Count the names that a body without repetitions has; what it holds is counted too."""
    return len(body.model_fields_set) + sum(
        _names_in(getattr(body, name)) for name in body.model_fields_set
    )


def _names_in(value: object) -> int:
    match value:
        case BaseModel():
            return count_names(value)
        case dict():
            return len(value) + sum(map(_names_in, value.values()))
        case list() | tuple():
            return sum(map(_names_in, value))
        case _:
            return 0


def require_unique_names(raw: bytes, names: int) -> None:
    """Refuse a body in which one object has a name twice: a parser drops one of the two.

    Each name is followed by `":`, so as many of these as names prove that none is repeated.
    Where texts contain them too, or spaces stand before colons, the slow reading decides.
    """
    if raw.count(b'":') != names or any(space in raw for space in SPACE_BEFORE_COLON):
        json.loads(raw, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid([(twice[:100], "is given more than once")])
    return seen
