"""VERBS of the operator: see the plugins, switch them on and off, set their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.refusals import InvalidRequest, NotFound
from app.hookspecs import SettingField
from app.plugin_manager import Plugin, PluginState
from app.services.directory import directory
from app.services.plugins.installed import installed, is_on, settings_of
from app.store.database import transaction
from app.store.plugins import plugin_row

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
LONGEST_TEXT = 2_000
LARGEST_INTEGER = 10**15


@dataclass(frozen=True, slots=True)
class PluginView:
    """A plugin as the operator sees it."""

    name: str
    version: str
    summary: str
    origin: str
    state: str
    reason: str | None
    hooks: tuple[str, ...]
    settings: Mapping[str, Any]


def list_plugins(now: datetime) -> list[PluginView]:
    """Show every plugin that was found, the refused ones with the reason."""
    view = directory().fresh(now)
    return [
        PluginView(
            plugin.name,
            plugin.version,
            plugin.summary,
            plugin.origin,
            _state(plugin, on=is_on(plugin, view)),
            plugin.reason,
            tuple(plugin.hooks),
            settings_of(plugin, view),
        )
        for plugin in installed().plugins.values()
    ]


def switch(name: str, *, on: bool) -> None:
    """Switch a plugin on or off, in all processes at once."""
    _found(name)
    with transaction():
        plugin_row(name).is_on = on


def set_setting(name: str, setting: str, text: str) -> None:
    """Set one setting of a plugin from its text, or raise `InvalidRequest`."""
    plugin = _found(name)
    field = next((field for field in plugin.fields if field.name == setting), None)
    if field is None:
        known = ", ".join(field.name for field in plugin.fields) or "none"
        raise InvalidRequest.of(setting, f"{name} has no such setting; it has: {known}.")
    value = _value(field, text)
    with transaction():
        row = plugin_row(name)
        row.settings = {**row.settings, setting: value}


def _found(name: str) -> Plugin:
    plugin = installed().plugins.get(name)
    if plugin is None:
        raise NotFound(f"There is no plugin “{name}”.")
    return plugin


def _state(plugin: Plugin, *, on: bool) -> str:
    return plugin.state.value if on or plugin.state is PluginState.REFUSED else "off"


def _value(field: SettingField, text: str) -> str | int | bool:
    match field.kind:
        case "boolean" if text.lower() in TRUE + FALSE:
            return text.lower() in TRUE
        case "boolean":
            raise InvalidRequest.of(field.name, "Say true or false.")
        case "integer":
            return _integer(field, text)
    if len(text) > LONGEST_TEXT:
        raise InvalidRequest.of(field.name, f"At most {LONGEST_TEXT} characters.")
    return text


def _integer(field: SettingField, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidRequest.of(field.name, "Give a whole number.") from None
    if abs(number) > LARGEST_INTEGER:
        raise InvalidRequest.of(field.name, f"At most {LARGEST_INTEGER}.")
    return number
