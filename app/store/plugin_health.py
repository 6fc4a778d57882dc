"""How plugins fare in each process, and what came of their conformance checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, Instant, db


class PluginHealthRow(Base):
    """One plugin in one process, as the process told last. A dead process falls silent.

    `releases` counts how often it was let out of quarantine, as that process knew. `timings` are
    calls, failures, seconds in total and of the longest, by what was called; `shadow` is what it
    would have answered.
    """

    __tablename__ = "plugin_health"

    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(200), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)
    version: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(24))
    releases: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    timings: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    shadow: Mapped[dict[str, Any]] = mapped_column(JSON)


class PluginCheckRow(Base):
    """The result of the last conformance check of a plugin."""

    __tablename__ = "plugin_checks"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(Instant)
    passed: Mapped[bool]
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


def health_rows(*, but: str) -> list[PluginHealthRow]:
    """List what all processes told, but one, the latest first."""
    statement = (
        select(PluginHealthRow)
        .where(PluginHealthRow.process != but)
        .order_by(PluginHealthRow.seen_at.desc())
    )
    return list(db.session.scalars(statement))


def put_health(rows: Iterable[PluginHealthRow]) -> None:
    """Write what one process tells, over what it told before."""
    for row in rows:
        db.session.merge(row)


def forget_health(before: datetime) -> None:
    """Forget processes that fell silent before an instant."""
    db.session.execute(delete(PluginHealthRow).where(PluginHealthRow.seen_at < before))


def check_row(plugin: str) -> PluginCheckRow | None:
    """Find what came of a plugin's last check."""
    return db.session.get(PluginCheckRow, plugin)


def put_check(row: PluginCheckRow) -> None:
    """Write what came of a check, over the one before."""
    db.session.merge(row)
