"""Tables for the plugin where there is no portal: the plugin's own migrations, on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import StaticPool, create_engine, text

REVISIONS = Path(__file__).parent.parent / "migrations"


class OwnTables:
    """`Tables` of the contract, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        with (
            self._engine.begin() as connection,
            Operations.context(MigrationContext.configure(connection)),
        ):
            for revision in sorted(REVISIONS.glob("[0-9]*.py")):
                import_module(f"plugins.billing_stripe.migrations.{revision.stem}").upgrade()

    def read(self, sql: str, **values: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
        """Run one SELECT."""
        with self._lock, self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(sql), values).mappings()]

    def write(self, *statements: tuple[str, Mapping[str, Any]]) -> int:
        """Run statements in one transaction."""
        with self._lock, self._engine.begin() as connection:
            done = [connection.execute(text(sql), dict(values)) for sql, values in statements]
        return sum(each.rowcount for each in done)
