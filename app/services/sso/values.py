"""VERB: read what an administrator sets for an identity provider, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.hookspecs import SettingField
from app.services.plugins.field_value import Bounds, value_of

BOUNDS = Bounds(longest_text=2_000, longest_secret=2_000, largest_integer=10**9, one_line=True)


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
            value = value_of(field, text.strip(), BOUNDS)
        (values.hidden if field.kind == "secret" else values.open)[field.name] = value
    return values
