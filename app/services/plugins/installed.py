"""The plugins of the running installation, and what the operator decided of each."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from app.plugin_manager import Plugin, PluginManager
from app.services.directory import View
from app.store.database import current_engine

NONE = PluginManager()

_managers: WeakKeyDictionary[Any, PluginManager] = WeakKeyDictionary()


def install(manager: PluginManager) -> None:
    """Make these the plugins of the current application."""
    _managers[current_engine()] = manager


def installed() -> PluginManager:
    """The plugins of the current application."""
    return _managers.get(current_engine()) or NONE


def asked_for(hook: str, view: View) -> list[tuple[Plugin, dict[str, Any]]]:
    """List the plugins that are on and have that hook, each with its settings."""
    return [
        (plugin, settings_of(plugin, view))
        for plugin in installed().with_hook(hook)
        if is_on(plugin, view)
    ]


def is_on(plugin: Plugin, view: View) -> bool:
    """Tell whether the operator switched the plugin on; one that is new waits for that."""
    decided = view.plugins.get(plugin.name)
    return decided is not None and decided.is_on


def settings_of(plugin: Plugin, view: View) -> dict[str, Any]:
    """The plugin's settings: what the operator set, else the defaults."""
    decided = view.plugins.get(plugin.name)
    defaults = {field.name: field.default for field in plugin.fields}
    return defaults | (decided.settings if decided else {})
