"""Several statements in one round trip, where the database can: every trip holds the pool's lock.

PostgreSQL gets them through psycopg's pipeline, past SQLAlchemy, whose results would wait for
each answer. SQLite has no trips to save and gets them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal


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


def fetch_together(
    connection: Connection, statements: Sequence[Select[Any]], given: dict[str, Any]
) -> list[Sequence[Any]]:
    """Run statements in order, each after the one before; returns the rows of each."""
    if connection.dialect.name != "postgresql":
        return [connection.execute(statement, given).all() for statement in statements]
    driver = _driver(connection)
    with driver.pipeline():
        cursors = [driver.cursor(row_factory=_rows_by_name()) for _ in statements]
        for cursor, statement in zip(cursors, statements, strict=True):
            cursor.execute(_spelled(statement), given)
        return [cursor.fetchall() for cursor in cursors]


@contextmanager
def written_together(connection: Connection) -> Iterator[None]:
    """Send the statements that `write` gets inside in one round trip."""
    if connection.dialect.name != "postgresql":
        yield
        return
    with _driver(connection).pipeline():
        yield


def write(connection: Connection, statement: str, rows: Any) -> None:  # noqa: ANN401
    """Run a statement whose answer nobody reads."""
    if connection.dialect.name == "postgresql":
        _driver(connection).cursor().execute(statement, rows)
    else:
        connection.exec_driver_sql(statement, rows)


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's connection
    return connection.connection.driver_connection


def _rows_by_name() -> Any:  # noqa: ANN401 - loaded late: SQLite needs no psycopg
    from psycopg.rows import namedtuple_row

    return namedtuple_row


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
