"""What Coffer lends a plugin: where it is reached, its clock, and the plugin's own tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.hookspecs import Fetch, Host, StatementFailed
from app.plugin_manager import Plugin, PluginManager
from app.store.database import current_engine
from app.store.plugin_tables import NotCarriedOut, PluginTables


@dataclass(frozen=True, slots=True)
class Lent:
    """What the installation lends to all of its plugins."""

    public_url: str
    now: Callable[[], datetime]
    fetch: Fetch | None = None


class OwnTables:
    """The contract's `Tables`, over the database that the portal uses."""

    def __init__(self, tables: PluginTables) -> None:
        self._tables = tables

    def __deepcopy__(self, _memo: object) -> OwnTables:
        return self

    def read(self, sql: str, **values: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
        """Run one SELECT."""
        try:
            return self._tables.read(sql, **values)
        except NotCarriedOut as reason:
            raise StatementFailed(str(reason)) from None

    def write(self, *statements: tuple[str, Mapping[str, Any]]) -> int:
        """Run statements in one transaction; returns how many rows they changed."""
        try:
            return self._tables.write(*statements)
        except NotCarriedOut as reason:
            raise StatementFailed(str(reason)) from None


def lend_to(manager: PluginManager, lent: Lent) -> None:
    """Let the plugins of the current application have this."""
    engine = current_engine()
    hosts: dict[str, Host] = {}

    def lend(plugin: Plugin) -> Host:
        if plugin.name not in hosts:
            tables = OwnTables(PluginTables(engine, plugin.name, manager.plugins))
            hosts[plugin.name] = _host(lent, tables)
        return hosts[plugin.name]

    manager.lend = lend


def _host(lent: Lent, tables: OwnTables) -> Host:
    if lent.fetch is None:
        return Host(lent.public_url, lent.now, tables)
    return Host(lent.public_url, lent.now, tables, lent.fetch)
