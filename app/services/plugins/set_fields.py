"""VERBS: set a plugin's declared settings from text, as the operator writes them.

A secret is sealed before it is stored, and nobody is shown it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.domain.audit_line import changes
from app.domain.refusals import InvalidRequest
from app.hookspecs import SettingField
from app.plugin_manager import Plugin
from app.services.audit.note import note
from app.services.plugins.field_value import Bounds, Value, value_of
from app.services.plugins.installed import found, secret_place
from app.services.sealing import seal
from app.store.database import transaction
from app.store.plugins import plugin_row

BOUNDS = Bounds(longest_text=2_000, longest_secret=10_000, largest_integer=10**15, one_line=False)


def set_setting(name: str, setting: str, text: str) -> None:
    """Set one setting of a plugin, or raise `InvalidRequest`. An empty secret is forgotten."""
    plugin = found(name)
    _store(plugin, _read(plugin, {setting: text}))


def set_settings(name: str, texts: Mapping[str, str], forget: Iterable[str] = ()) -> None:
    """Set several settings at once, or none of them.

    A secret that is left empty stays, unless it is among those to `forget`.
    """
    plugin = found(name)
    given = {
        setting: text
        for setting, text in texts.items()
        if text or _field(plugin, setting).kind != "secret"
    }
    _store(plugin, _read(plugin, given | dict.fromkeys(forget, "")))


def _field(plugin: Plugin, setting: str) -> SettingField:
    for field in plugin.fields:
        if field.name == setting:
            return field
    known = ", ".join(field.name for field in plugin.fields) or "none"
    raise InvalidRequest.of(setting, f"{plugin.name} has no such setting; it has: {known}.")


def _read(plugin: Plugin, texts: Mapping[str, str]) -> dict[str, Value]:
    """Read all values, and tell of all that can't be read."""
    values: dict[str, Value] = {}
    mistakes: list[tuple[str, str]] = []
    for setting, text in texts.items():
        try:
            values[setting] = value_of(_field(plugin, setting), text, BOUNDS)
        except InvalidRequest as wrong:
            mistakes += wrong.errors
    if mistakes:
        raise InvalidRequest(mistakes[0][1], mistakes)
    return values


def _store(plugin: Plugin, values: Mapping[str, Value]) -> None:
    secrets = {field.name for field in plugin.fields if field.kind == "secret"}
    plain = {name: value for name, value in values.items() if name not in secrets}
    sealed = {
        name: seal(str(value), secret_place(plugin.name, name)) if value else None
        for name, value in values.items()
        if name in secrets
    }
    with transaction():
        row = plugin_row(plugin.name)
        before, after = changes(row.settings, {**row.settings, **plain})
        row.settings = {**row.settings, **plain}
        kept = {**row.secrets, **sealed}
        row.secrets = {name: text for name, text in kept.items() if text is not None}
        marks = {name: "set" if text else "forgotten" for name, text in sealed.items()}
        after = {**after, "hidden": marks or None}
        note("plugin.set", None, about=plugin.name, before=before, after=after)
