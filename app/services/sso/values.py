"""VERB: read what an administrator sets for an identity provider, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.domain.refusals import InvalidRequest
from app.hookspecs import SettingField

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")
LONGEST_VALUE = 2_000
LARGEST = 10**9


class Values(NamedTuple):
    """What can be shown, and what is sealed."""

    open: dict[str, Any]
    hidden: dict[str, Any]

    @property
    def all(self) -> dict[str, Any]:
        """Both together."""
        return {**self.open, **self.hidden}


def values_from(
    fields: Sequence[SettingField], given: Mapping[str, str], before: Mapping[str, Any]
) -> Values:
    """Read the values of a handler's fields; `InvalidRequest` names the field that is wrong.

    What is not given stays as it was `before`, else it is the default. A secret that is empty
    stays as it was, too, since forms never show it.
    """
    values = Values({}, {})
    for field in fields:
        text = given.get(field.name)
        if text is None or (field.kind == "secret" and not text):
            value = before.get(field.name, field.default)
        else:
            value = _value(field, text.strip())
        (values.hidden if field.kind == "secret" else values.open)[field.name] = value
    return values


def _value(field: SettingField, text: str) -> str | int | bool:
    match field.kind:
        case "boolean" if text.lower() in TRUE + FALSE:
            return text.lower() in TRUE
        case "boolean":
            raise InvalidRequest.of(field.name, "Say true or false.")
        case "choice" if text not in field.choices:
            raise InvalidRequest.of(field.name, f"Choose one of {', '.join(field.choices)}.")
        case "integer":
            return _integer(field, text)
    if len(text) > LONGEST_VALUE or not text.isprintable():
        raise InvalidRequest.of(field.name, f"Use one line of at most {LONGEST_VALUE} characters.")
    return text


def _integer(field: SettingField, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidRequest.of(field.name, "Give a whole number.") from None
    if abs(number) > LARGEST:
        raise InvalidRequest.of(field.name, f"At most {LARGEST}.")
    return number
