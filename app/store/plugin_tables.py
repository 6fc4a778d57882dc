"""Plugins' own tables: statements of theirs, with values that mean the same on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Engine,
    TextClause,
    bindparam,
    inspect,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from app.domain.plugin_statement import NotOwn, require_read, require_write, table_prefix
from app.store.database import Base, Instant

MOST_ROWS = 10_000


class NotCarriedOut(Exception):  # noqa: N818 - told to the plugin in the contract's own words
    """A statement was refused, or the database could not carry it out; the text says why."""


class PluginTables:
    """The tables of one plugin. `others` are the names of the plugins beside it.

    It works in any thread: plugins are called in threads without an application.
    """

    def __init__(self, engine: Engine, plugin: str, others: Iterable[str] = ()) -> None:
        self._engine = engine
        self._plugin = plugin
        self._others = tuple(others)

    def __deepcopy__(self, _memo: object) -> PluginTables:
        return self

    def read(self, sql: str, **values: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
        """Run one SELECT, in a transaction of its own."""
        self._require(sql, writing=False)
        try:
            statement = _bound(sql, values).columns(**self._kinds)
            with self._engine.connect() as connection:
                rows = connection.execute(statement, values).mappings().fetchmany(MOST_ROWS + 1)
        except SQLAlchemyError as error:
            _say(error)
        if len(rows) > MOST_ROWS:
            raise NotCarriedOut(f"It gives more than {MOST_ROWS} rows: add a LIMIT.")
        return [dict(row) for row in rows]

    def write(self, *statements: tuple[str, Mapping[str, Any]]) -> int:
        """Run statements in one transaction; count the rows that they changed."""
        for sql, _ in statements:
            self._require(sql, writing=True)
        try:
            with (
                self._engine.connect().execution_options(writing=True) as connection,
                connection.begin(),
            ):
                return sum(
                    max(connection.execute(_bound(sql, values), dict(values)).rowcount, 0)
                    for sql, values in statements
                )
        except SQLAlchemyError as error:
            _say(error)

    def _require(self, sql: str, *, writing: bool) -> None:
        try:
            (require_write if writing else require_read)(sql, self._foreign)
        except NotOwn as reason:
            raise NotCarriedOut(str(reason)) from None

    @cached_property
    def _foreign(self) -> frozenset[str]:
        """What is somebody else's: tables, and schemas by which a table could be named."""
        seen = inspect(self._engine)
        names = {*seen.get_table_names(), *seen.get_view_names(), *Base.metadata.tables}
        theirs = {name.lower() for name in names if not is_own(name, self._plugin, self._others)}
        return frozenset(theirs | {"main", "temp", *seen.get_schema_names()})

    @cached_property
    def _kinds(self) -> dict[str, TypeEngine[Any]]:
        """How to read the columns of the plugin's tables, by name."""
        seen = inspect(self._engine)
        kinds: dict[str, TypeEngine[Any]] = {}
        for table in seen.get_table_names():
            if is_own(table, self._plugin, self._others):
                for column in seen.get_columns(table):
                    if (kind := _portable(column["type"])) is not None:
                        kinds.setdefault(column["name"], kind)
        return kinds


def is_own(table: str, plugin: str, others: Iterable[str]) -> bool:
    """Tell whether a table is the plugin's: neither Coffer's nor that of a longer name."""
    longer = (other for other in others if other.startswith(table_prefix(plugin)))
    return (
        table.startswith(table_prefix(plugin))
        and table not in Base.metadata.tables
        and not any(table.startswith(table_prefix(other)) for other in longer)
    )


def _portable(kind: TypeEngine[Any]) -> TypeEngine[Any] | None:
    """The type that reads a column alike on both databases; None where the driver does."""
    match kind:
        case DateTime():
            return Instant()
        case Boolean() | Date():
            return kind
        case JSON():
            return JSON()
    return None


def _bound(sql: str, values: Mapping[str, Any]) -> TextClause:
    """A statement whose values are written alike on both databases."""
    kinds = {name: _kind_of(value) for name, value in values.items()}
    typed = [bindparam(name, type_=kind) for name, kind in kinds.items() if kind is not None]
    return text(sql).bindparams(*typed)


def _kind_of(value: Any) -> TypeEngine[Any] | None:  # noqa: ANN401 - whatever a plugin gives
    match value:
        case bool():
            return Boolean()
        case datetime():
            return Instant()
        case dict() | list() | tuple():
            return JSON()
    return None


def _say(error: SQLAlchemyError) -> NoReturn:
    """Say it in the driver's words, without SQLAlchemy's."""
    raise NotCarriedOut(str(getattr(error, "orig", None) or error).strip()) from None
