"""Stripe's wire format: forms with brackets in, JSON out, errors as objects."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

NAME = re.compile(r"[^\[\]]+")
Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An answer with an error. `kept` tells whether the idempotency key remembers it."""

    def __init__(self, status: int, *, kept: bool = False, **error: Any) -> None:  # noqa: ANN401
        super().__init__(status)
        self.status = status
        self.kept = kept
        self.body: Json = {"error": {"type": "invalid_request_error", **error}}


def missing(kind: str, name: str, param: str = "id") -> Refused:
    """Say that there is no such thing."""
    return Refused(404, code="resource_missing", param=param, message=f"No such {kind}: '{name}'")


def invalid(message: str, code: str | None = None, param: str | None = None) -> Refused:
    """Say that a request can't be carried out."""
    return Refused(400, kept=True, code=code, param=param, message=message)


def form_of(text: str) -> Json:
    """Read `metadata[key]=1&items[0][amount]=2` as the tree that it spells."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        path = NAME.findall(name)
        at = tree
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:  # noqa: ANN401 - a value of JSON
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def truth(value: Any) -> bool:  # noqa: ANN401
    """Read a boolean of a form."""
    return value in {"true", "True", "1", True}
