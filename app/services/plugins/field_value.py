"""VERB: read the value of one declared setting from the text that somebody wrote."""

from __future__ import annotations

from typing import NamedTuple

from app.domain.refusals import InvalidRequest
from app.hookspecs import SettingField

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")

Value = str | int | bool


class Bounds(NamedTuple):
    """How much a value may be. As `one_line` it only prints, and an empty boolean is false."""

    longest_text: int
    longest_secret: int
    largest_integer: int
    one_line: bool


def value_of(field: SettingField, text: str, bounds: Bounds) -> Value:
    """Read a setting's value from its text; `InvalidRequest` names the setting."""
    match field.kind:
        case "boolean":
            return _boolean(field, text.lower(), empty_is_false=bounds.one_line)
        case "integer":
            return _integer(field, text, bounds.largest_integer)
        case "choice" if text not in field.choices:
            raise InvalidRequest.of(field.name, f"Choose one of {', '.join(field.choices)}.")
    longest = bounds.longest_secret if field.kind == "secret" else bounds.longest_text
    if len(text) > longest:
        raise InvalidRequest.of(field.name, f"At most {longest} characters.")
    if bounds.one_line and not text.isprintable():
        raise InvalidRequest.of(field.name, "Use one line of characters that print.")
    if "\0" in text:
        raise InvalidRequest.of(field.name, "There is a character in it that can't be kept.")
    return text


def _boolean(field: SettingField, text: str, *, empty_is_false: bool) -> bool:
    if text not in TRUE + FALSE and not (empty_is_false and not text):
        raise InvalidRequest.of(field.name, "Say true or false.")
    return text in TRUE


def _integer(field: SettingField, text: str, largest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidRequest.of(field.name, "Give a whole number.") from None
    if abs(number) > largest:
        raise InvalidRequest.of(field.name, f"At most {largest}.")
    return number
