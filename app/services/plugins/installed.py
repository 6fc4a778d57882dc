"""The plugins of the running installation, and what the operator decided of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from app.domain.refusals import NotFound
from app.plugin_manager import Plugin, PluginManager, PluginState
from app.services.directory import View
from app.services.plugins.lend import Lent, lend_to
from app.services.plugins.migrate import refuse_without_tables
from app.services.sealing import SealBroken, unseal
from app.store.database import current_engine
from app.store.plugins import PluginFacts

NONE = PluginManager()


@dataclass(slots=True)
class Installed:
    """The plugins of one application and what they are lent."""

    manager: PluginManager
    lent: Lent | None = None


class Asked(NamedTuple):
    """A plugin that is on and has a hook. One that is `in_shadow` is asked and not heeded."""

    plugin: Plugin
    settings: dict[str, Any]
    in_shadow: bool
    off_for: frozenset[int]


_installed: WeakKeyDictionary[Any, Installed] = WeakKeyDictionary()


def install(manager: PluginManager, lent: Lent | None = None) -> None:
    """Make these the plugins of the current application; what is lent stays unless it is given."""
    engine = current_engine()
    before = _installed.get(engine)
    lent = lent or (before.lent if before else None)
    _installed[engine] = Installed(manager, lent)
    if lent is not None:
        lend_to(manager, lent)


def installed() -> PluginManager:
    """The plugins of the current application."""
    found = _installed.get(current_engine())
    return found.manager if found else NONE


def found(name: str) -> Plugin:
    """Find a plugin by name, or raise `NotFound`."""
    plugin = installed().plugins.get(name)
    if plugin is None:
        raise NotFound(f"There is no plugin “{name}”.")
    return plugin


def lent() -> Lent:
    """What the installation lends to its plugins."""
    found = _installed[current_engine()].lent
    assert found is not None, "the factory says what is lent"
    return found


def asked_for(hook: str, view: View) -> list[tuple[Plugin, dict[str, Any]]]:
    """List the plugins that are on and have that hook, each with its settings."""
    return [(plugin, settings) for plugin, settings, _, _ in asked(hook, view)]


def asked(hook: str, view: View) -> list[Asked]:
    """List the plugins that are on and have that hook, and how the operator wants them asked."""
    standing: list[Asked] = view.remember(f"asked {hook}", lambda: _with_hook(hook, view))
    return [one for one in standing if one.plugin.state is PluginState.ON]


def _with_hook(hook: str, view: View) -> list[Asked]:
    """List them for as long as a view lives; those in quarantine may leave it meanwhile."""
    chosen = []
    for plugin in installed().plugins.values():
        facts = view.plugins.get(plugin.name)
        if facts is None or not facts.is_on or hook not in plugin.hooks:
            continue
        stand(plugin, view)
        chosen.append(Asked(plugin, settings_of(plugin, view), facts.in_shadow, facts.off_for))
    return chosen


def plugin_templates() -> list[Path]:
    """List the files with templates that plugins bring."""
    folders = (plugin.templates for plugin in installed().plugins.values())
    return [path for folder in folders if folder for path in sorted(folder.rglob("*.html"))]


def stand(plugin: Plugin, view: View) -> None:
    """Let a plugin stand as the operator and its tables want it, before anybody looks at it."""
    facts = view.plugins.get(plugin.name)
    if facts is not None and facts.is_on:
        plugin.release(facts.releases)
        refuse_without_tables(plugin)


def is_on(plugin: Plugin, view: View) -> bool:
    """Tell whether the operator switched the plugin on; one that is new waits for that."""
    decided = view.plugins.get(plugin.name)
    return decided is not None and decided.is_on


def settings_of(plugin: Plugin, view: View) -> dict[str, Any]:
    """The plugin's settings: what the operator set, else the defaults. Secrets are readable."""
    return dict(view.remember(f"settings {plugin.name}", lambda: _settings(plugin, view)))


def secret_place(plugin: str, setting: str) -> str:
    """What a secret setting is sealed about, so that it can be read for that setting only."""
    return f"setting {setting} of the plugin {plugin}"


def _settings(plugin: Plugin, view: View) -> dict[str, Any]:
    decided = view.plugins.get(plugin.name)
    values = {field.name: field.default for field in plugin.fields}
    if decided is not None:
        values |= {name: value for name, value in decided.settings.items() if name in values}
        values |= _unsealed(plugin, decided)
    return values


def _unsealed(plugin: Plugin, decided: PluginFacts) -> dict[str, str]:
    """Read the secrets; one that was sealed under another secret key counts as not set."""
    found = {}
    for field in plugin.fields:
        if field.kind == "secret" and field.name in decided.secrets:
            try:
                place = secret_place(plugin.name, field.name)
                found[field.name] = unseal(decided.secrets[field.name], place)
            except SealBroken:
                plugin.last_error = f"The secret {field.name} can't be read; set it again."
    return found
