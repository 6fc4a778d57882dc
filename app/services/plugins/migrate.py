"""VERBS: bring the plugins' own tables up to date, and refuse a plugin whose tables are not.

A plugin's migration that fails stops that plugin, never the portal.
"""

from __future__ import annotations

import logging
import sys
from contextlib import redirect_stdout
from typing import NamedTuple

from app.plugin_manager import Plugin, PluginManager, PluginState
from app.store.database import current_engine, transaction
from app.store.directory import raise_version
from app.store.plugin_revision import migrate_plugin, plugin_head, plugin_revision

LONGEST_REASON = 500

log = logging.getLogger(__name__)


class Migrated(NamedTuple):
    """What came of one plugin's migrations; `problem` is None when all is well."""

    plugin: str
    problem: str | None


def migrate_plugins(manager: PluginManager) -> list[Migrated]:
    """Run what the tables of all plugins are missing; every running process then looks again."""
    with_tables = [plugin for plugin in manager.plugins.values() if plugin.migrations is not None]
    done = [Migrated(plugin.name, _migrate(plugin, manager)) for plugin in with_tables]
    if done:
        with transaction():
            raise_version()
    return done


def refuse_without_tables(plugin: Plugin) -> None:
    """Refuse a plugin whose tables are not at its newest revision, until they are."""
    if plugin.migrations is None or plugin.tables_ready:
        return
    problem = missing_tables(plugin)
    if problem is None:
        plugin.tables_ready = True
        if plugin.state is PluginState.REFUSED and plugin.reason == plugin.tables_problem:
            plugin.state, plugin.reason = PluginState.ON, None
    elif plugin.state is not PluginState.REFUSED or plugin.reason == plugin.tables_problem:
        plugin.refuse(problem)
        plugin.tables_problem = problem


def missing_tables(plugin: Plugin) -> str | None:
    """Say why the tables of a plugin that has some are not ready; None when they are."""
    assert plugin.migrations is not None
    try:
        expected = plugin_head(plugin.migrations)
        current = plugin_revision(current_engine(), plugin.name)
    except Exception as error:  # noqa: BLE001 - the files are a plugin's
        return _words(error)
    if current == expected:
        return None
    return (
        f"Its tables are at revision {current or 'none'}, not at {expected}: "
        "run `coffer migrate`, which says what is in the way."
    )


def _migrate(plugin: Plugin, manager: PluginManager) -> str | None:
    assert plugin.migrations is not None
    others = [name for name in manager.plugins if name != plugin.name]
    try:
        with redirect_stdout(sys.stderr):
            migrate_plugin(current_engine(), plugin.name, plugin.migrations, others)
    except Exception as error:
        log.exception("The migrations of the plugin %s failed; nothing of them stays.", plugin.name)
        return _words(error)
    return None


def _words(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return f"Its migrations can't be run: {type(cause).__name__}: {cause}"[:LONGEST_REASON]
