"""VERBS of the operator: see the plugins, how each stands and fares, and what it is set to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.domain.refusals import NotFound
from app.plugin_manager import Plugin, PluginState
from app.services.directory import View, directory
from app.services.plugins.health import PluginHealth, health_of_all
from app.services.plugins.installed import installed, is_on, settings_of

DECIDERS = ("before_deduction", "before_member_joins")
IS_SET, NOT_SET = "set", "not set"


@dataclass(frozen=True, slots=True)
class PluginView:
    """A plugin as the operator sees it.

    `state` is on, off, refused, quarantined or missing: one that was switched on and is not found
    any more. `reason` tells why it is refused or in quarantine. Of secret `settings` only whether
    they are set is shown.
    """

    name: str
    version: str
    summary: str
    origin: str
    state: str
    reason: str | None
    hooks: tuple[str, ...]
    settings: Mapping[str, Any]
    in_shadow: bool = False
    warnings: tuple[str, ...] = ()
    last_error: str | None = None

    @property
    def decides(self) -> bool:
        """Tell whether it has a hook that decides."""
        return any(hook in DECIDERS for hook in self.hooks)


class FieldView(NamedTuple):
    """A setting that a plugin declares: how it is checked, what it means, what it is now."""

    name: str
    kind: str
    meaning: str
    choices: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class PluginPage:
    """Everything about one plugin that its page shows."""

    plugin: PluginView
    health: PluginHealth
    fields: tuple[FieldView, ...]


def list_plugins(now: datetime) -> list[PluginView]:
    """Show every plugin that was found, the refused ones with the reason, and those missing."""
    view = directory().fresh(now)
    health = health_of_all(view, now)
    found = [
        _seen(plugin, view, health.get(plugin.name)) for plugin in installed().plugins.values()
    ]
    names = {plugin.name for plugin in found}
    missing = [
        _missing(name) for name, facts in view.plugins.items() if facts.is_on and name not in names
    ]
    return sorted(found + missing, key=lambda plugin: plugin.name)


def show_plugin(name: str, now: datetime) -> PluginPage:
    """Show one plugin, or raise `NotFound`."""
    for plugin in list_plugins(now):
        if plugin.name == name:
            health = health_of_all(directory().view(now), now).get(name, PluginHealth())
            return PluginPage(plugin, health, _fields(plugin))
    raise NotFound(f"There is no plugin “{name}”.")


def _fields(plugin: PluginView) -> tuple[FieldView, ...]:
    here = installed().plugins.get(plugin.name)
    return tuple(
        FieldView(each.name, each.kind, each.meaning, each.choices, plugin.settings[each.name])
        for each in (here.fields if here else ())
    )


def _seen(plugin: Plugin, view: View, health: PluginHealth | None) -> PluginView:
    facts = view.plugins.get(plugin.name)
    state, reason = _state(plugin, health, on=is_on(plugin, view))
    return PluginView(
        name=plugin.name,
        version=plugin.version,
        summary=plugin.summary,
        origin=plugin.origin,
        state=state,
        reason=reason,
        hooks=tuple(plugin.hooks),
        settings=_shown(plugin, view),
        in_shadow=facts.in_shadow if facts else False,
        warnings=plugin.warnings,
        last_error=health.last_error if health else plugin.last_error,
    )


def _state(plugin: Plugin, health: PluginHealth | None, *, on: bool) -> tuple[str, str | None]:
    """How it stands in all processes: in quarantine if it is in any of them."""
    if plugin.state is PluginState.REFUSED:
        return plugin.state.value, plugin.reason
    if not on:
        return "off", None
    if health is not None and health.quarantined:
        return PluginState.QUARANTINED.value, health.quarantine_reason
    return plugin.state.value, plugin.reason


def _shown(plugin: Plugin, view: View) -> dict[str, Any]:
    values = settings_of(plugin, view)
    for field in plugin.fields:
        if field.kind == "secret":
            values[field.name] = IS_SET if values[field.name] else NOT_SET
    return values


def _missing(name: str) -> PluginView:
    reason = "It was switched on, and is not found any more: install it again, or switch it off."
    return PluginView(name, "", "", "", "missing", reason, (), {})
