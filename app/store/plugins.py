"""What the operator decided of plugins: on or off, and the values of their settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, db


class PluginRow(Base):
    """One plugin. A setting that the operator has not set is absent."""

    __tablename__ = "plugins"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_on: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)


class PluginFacts(NamedTuple):
    """The same, read for the directory."""

    is_on: bool
    settings: dict[str, Any]


def read_plugins(connection: Connection) -> dict[str, PluginFacts]:
    """Read what was decided of each plugin, by name."""
    rows = connection.execute(select(PluginRow.name, PluginRow.is_on, PluginRow.settings))
    return {name: PluginFacts(is_on, settings) for name, is_on, settings in rows}


def plugin_row(name: str) -> PluginRow:
    """Find a plugin's row, or begin one."""
    row = db.session.get(PluginRow, name)
    if row is None:
        row = PluginRow(name=name, is_on=False, settings={})
        db.session.add(row)
    return row
