"""Several statements in one round trip, where the database can: every trip holds the pool's lock.

PostgreSQL gets them through psycopg's pipeline, past SQLAlchemy, whose results would wait for
each answer. SQLite has no trips to save and gets them one by one, past SQLAlchemy as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from app.store import spelling


class OneOf(ColumnElement[bool]):
    """A condition: the column is one of the numbers in a list, given as one parameter."""

    _traverse_internals = [  # noqa: RUF012 - what makes the compiled statement reusable
        ("column", InternalTraversal.dp_clauseelement),
        ("parameter", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[int], name: str) -> None:
        self.column = column
        self.parameter: BindParameter[Any] = BindParameter(name)


def parameters(connection: Connection, **lists: Sequence[int]) -> dict[str, Any]:
    """Spell lists of numbers as this database takes them."""
    if connection.dialect.name == "postgresql":
        return {name: list(numbers) for name, numbers in lists.items()}
    return {name: str(list(numbers)) for name, numbers in lists.items()}


def instants(connection: Connection, **moments: datetime) -> dict[str, Any]:
    """Spell instants as this database takes them."""
    if connection.dialect.name == "postgresql":
        return dict(moments)
    return {name: spelling.instant_text(at) for name, at in moments.items()}


def fetch_together(
    connection: Connection,
    statements: Sequence[Select[Any]],
    given: dict[str, Any],
    also: Sequence[tuple[Select[Any], dict[str, Any]]] = (),
) -> list[Sequence[Any]]:
    """Run statements in order, each after the one before; returns the rows of each.

    A row is a plain tuple, in the order of the statement's columns. Those that come `also` have
    parameters of their own.
    """
    every = [*((statement, given) for statement in statements), *also]
    if connection.dialect.name != "postgresql":
        return [_fetch_from_sqlite(connection, *each) for each in every]
    driver = _driver(connection)
    with driver.pipeline():
        cursors = [driver.cursor() for _ in every]
        for cursor, (statement, values) in zip(cursors, every, strict=True):
            cursor.execute(_spelled(statement), values)
        return [cursor.fetchall() for cursor in cursors]


class _Spelled(NamedTuple):
    """A statement as SQLite gets it, and how its rows are read."""

    text: str
    readers: list[tuple[int, Callable[[Any], Any]]]


def _fetch_from_sqlite(
    connection: Connection, statement: Select[Any], given: dict[str, Any]
) -> Sequence[Any]:
    """Read rows past SQLAlchemy's own processing, which takes most of the time of many rows."""
    spelled = _spelled_for_sqlite(statement)
    rows: Sequence[Any] = _driver(connection).execute(spelled.text, given).fetchall()
    if not rows:
        return rows
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for column, read in spelled.readers:
        columns[column] = map(read, columns[column])
    return list(zip(*columns, strict=True))


@cache
def _spelled_for_sqlite(statement: Select[Any]) -> _Spelled:
    dialect = sqlite.dialect(paramstyle="named")
    readers = [
        (index, read)
        for index, column in enumerate(statement.selected_columns)
        for kind, read in spelling.READERS
        if isinstance(column.type, kind)
    ]
    return _Spelled(str(statement.compile(dialect=dialect)), readers)


@contextmanager
def written_together(connection: Connection) -> Iterator[None]:
    """Send the statements that `write` gets inside in one round trip."""
    if connection.dialect.name != "postgresql":
        yield
        return
    with _driver(connection).pipeline():
        yield


def write(connection: Connection, statement: str, rows: Any) -> None:  # noqa: ANN401
    """Run a statement whose answer nobody reads; errors are those of the driver."""
    if connection.dialect.name == "postgresql":
        _driver(connection).cursor().execute(statement, rows)
    else:
        _driver(connection).executemany(statement, rows)


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's or sqlite3's connection
    return connection.connection.driver_connection


@cache
def _spelled(statement: Select[Any]) -> str:
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=dialect))


@compiles(OneOf, "postgresql")
def _one_of_array(element: OneOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column = compiler.process(element.column, **options)
    return f"{column} = ANY(%({element.parameter.key})s)"


@compiles(OneOf, "sqlite")
def _one_of_json(element: OneOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column = compiler.process(element.column, **options)
    parameter = compiler.process(element.parameter, **options)
    return f"{column} IN (SELECT value FROM json_each({parameter}))"
