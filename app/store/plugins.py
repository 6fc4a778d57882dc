"""What the operator decided of plugins: on or off, where not, and the values of their settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, ForeignKey, String, false, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Account
from app.store.database import Base, BigKey, db


class PluginRow(Base):
    """One plugin. A setting that the operator has not set is absent; `secrets` are sealed.

    `releases` counts how often the operator let it out of quarantine.
    """

    __tablename__ = "plugins"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_on: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    secrets: Mapped[dict[str, str]] = mapped_column(JSON, server_default="{}", default=dict)
    in_shadow: Mapped[bool] = mapped_column(server_default=false(), default=False)
    releases: Mapped[int] = mapped_column(server_default="0", default=0)


class PluginOffRow(Base):
    """A workspace for which a plugin is switched off."""

    __tablename__ = "plugins_off"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )


class PluginFacts(NamedTuple):
    """The same, read for the directory. `off_for` are accounts by id."""

    is_on: bool
    settings: dict[str, Any]
    secrets: dict[str, str]
    in_shadow: bool
    releases: int
    off_for: frozenset[int]


def read_plugins(connection: Connection) -> dict[str, PluginFacts]:
    """Read what was decided of each plugin, by name."""
    off: dict[str, set[int]] = {}
    for name, account_id in connection.execute(
        select(PluginOffRow.plugin, PluginOffRow.account_id)
    ):
        off.setdefault(name, set()).add(account_id)
    rows = connection.execute(
        select(
            PluginRow.name,
            PluginRow.is_on,
            PluginRow.settings,
            PluginRow.secrets,
            PluginRow.in_shadow,
            PluginRow.releases,
        )
    )
    return {
        name: PluginFacts(*facts, frozenset(off.get(name, ())))  # type: ignore[call-arg]
        for name, *facts in rows
    }


def plugin_row(name: str) -> PluginRow:
    """Find a plugin's row, or begin one."""
    row = db.session.get(PluginRow, name)
    if row is None:
        row = PluginRow(
            name=name, is_on=False, settings={}, secrets={}, in_shadow=False, releases=0
        )
        db.session.add(row)
    return row


def is_decided(name: str) -> bool:
    """Tell whether the operator decided anything of a plugin."""
    return db.session.get(PluginRow, name) is not None


def put_off(plugin: str, account_id: int, *, off: bool) -> None:
    """Switch a plugin off for a workspace, or on again."""
    row = db.session.get(PluginOffRow, (plugin, account_id))
    if off and row is None:
        db.session.add(PluginOffRow(plugin=plugin, account_id=account_id))
    if not off and row is not None:
        db.session.delete(row)


def workspaces_without(plugin: str) -> list[Account]:
    """List the workspaces for which a plugin is switched off, by slug."""
    statement = (
        select(Account)
        .join(PluginOffRow, PluginOffRow.account_id == Account.id)
        .where(PluginOffRow.plugin == plugin, Account.deleted_at.is_(None))
        .order_by(Account.slug)
    )
    return list(db.session.scalars(statement))
