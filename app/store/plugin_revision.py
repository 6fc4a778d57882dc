"""Plugins' own migrations: a folder of Alembic revisions each, with a version table each."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from app.domain.plugin_statement import table_prefix
from app.store.plugin_tables import is_own
from app.store.revision import names_in


class MigrationRefused(Exception):  # noqa: N818 - the reason why a plugin is refused
    """The plugin's migrations can't be run; the text says why, for its author."""


def plugin_head(folder: Path) -> str | None:
    """Tell the newest revision in a plugin's folder without running it; None if there is none."""
    heads = _heads(folder)
    if len(heads) > 1:
        raise MigrationRefused(f"Its migrations have several ends: {', '.join(sorted(heads))}.")
    return next(iter(heads), None)


def plugin_revision(engine: Engine, plugin: str) -> str | None:
    """Tell which revision a plugin's tables are at; None when they were never made."""
    versions = _versions(plugin)
    with engine.connect() as connection:
        if not inspect(connection).has_table(versions.name):
            return None
        return connection.scalar(select(versions.c.version_num))


def migrate_plugin(engine: Engine, plugin: str, folder: Path, others: Iterable[str]) -> None:
    """Run what a plugin's tables are missing, all in one transaction; raises whatever goes wrong.

    Tables that come or go must be the plugin's own.
    """
    plugin_head(folder)
    with (
        engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
    ):
        before = set(inspect(connection).get_table_names())
        _upgrade(connection, plugin, folder)
        after = set(inspect(connection).get_table_names())
        for table in sorted(before ^ after):
            if not is_own(table, plugin, others):
                raise MigrationRefused(
                    f"Its migrations touch the table {table}; names of its tables begin with "
                    f"{table_prefix(plugin)}."
                )


def _upgrade(connection: Any, plugin: str, folder: Path) -> None:  # noqa: ANN401
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder), version_locations=[str(folder)])

    def upgrade(revision: Any, _context: object) -> Any:  # noqa: ANN401 - as Alembic has it
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - as its own command does

    with EnvironmentContext(Config(), script, fn=upgrade) as environment:
        environment.configure(
            connection=connection,
            version_table=_versions(plugin).name,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        environment.run_migrations()


def _versions(plugin: str) -> Table:
    name = f"{table_prefix(plugin)}version"
    return Table(name, MetaData(), Column("version_num", String(32)))


@cache
def _heads(folder: Path) -> frozenset[str]:
    steps = [names_in(path) for path in sorted(folder.glob("*.py"))]
    revisions = {step["revision"] for step in steps if step["revision"]}
    return frozenset(filter(None, revisions - {step["down_revision"] for step in steps}))
