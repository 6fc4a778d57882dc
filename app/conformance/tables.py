"""Tables for a plugin's tests where there is no portal: its own migrations, in memory.

They read and write as the portal's do, so that what a plugin does with them holds there, too.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    StaticPool,
    create_engine,
    inspect,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from app.hookspecs import StatementFailed


class TrialTables:
    """`Tables` of the contract on SQLite, made by the revisions in a folder, in their order.

    Threads may share it; they take turns.
    """

    def __init__(self, migrations: Path) -> None:
        self._turn = threading.RLock()
        self._engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        with self._engine.begin() as connection:
            for path in sorted(migrations.glob("[0-9a-z]*.py")):
                _upgrade(connection, path)
        self._kinds = self._read_kinds()

    def __deepcopy__(self, _memo: object) -> TrialTables:
        return self

    def read(self, sql: str, **values: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
        """Run one SELECT."""
        with self._turn, _said(), self._engine.connect() as connection:
            rows = connection.execute(text(sql), _written(values)).mappings().all()
        return [{name: self._as_kind(name, row[name]) for name in row} for row in rows]

    def write(self, *statements: tuple[str, Mapping[str, Any]]) -> int:
        """Run statements in one transaction; count the rows that they changed."""
        with self._turn, _said(), self._engine.begin() as connection:
            done = [connection.execute(text(sql), _written(values)) for sql, values in statements]
            return sum(max(each.rowcount, 0) for each in done)

    def _as_kind(self, name: str, value: Any) -> Any:  # noqa: ANN401 - a column of any kind
        return value if value is None or name not in self._kinds else self._kinds[name](value)

    def _read_kinds(self) -> dict[str, Callable[[Any], Any]]:
        seen = inspect(self._engine)
        columns = [each for table in seen.get_table_names() for each in seen.get_columns(table)]
        kinds: dict[str, Callable[[Any], Any]] = {}
        for column in columns:
            match column["type"]:
                case DateTime():
                    kinds[column["name"]] = _instant
                case Boolean():
                    kinds[column["name"]] = bool
                case JSON():
                    kinds[column["name"]] = json.loads
        return kinds


class _said:  # noqa: N801 - reads as what it does
    """Say what goes wrong in the contract's words."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SQLAlchemyError):
            raise StatementFailed(str(getattr(error, "orig", None) or error)) from None


def _upgrade(connection: Connection, path: Path) -> None:
    spec = spec_from_file_location(f"trial_revision_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a plugin gives
    match value:
        case datetime(tzinfo=None):
            raise ValueError("an instant needs a time zone")
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        case dict() | list() | tuple():
            return json.dumps(value)
    return value


def _instant(kept: str) -> datetime:
    return datetime.fromisoformat(kept).replace(tzinfo=UTC)
