"""Rows by their keys, which lead with the pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, select, tuple_

from app.domain.grant import Grant
from app.store.pools import GRANTS
from app.store.shapes import AnyRow, grant_from


def read_grants(
    connection: Connection, grants: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Grant]:
    """Read grants by (pool, number), to name the source and expiry of a draw."""
    return read_keyed(connection, GRANTS, list(grants), grant_from)


def one_of(column: Any, ids: Iterable[int]) -> Any:  # noqa: ANN401 - a SQL expression
    """A condition: the column is one of these numbers."""
    ids = list(ids)
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


def pairs(first: Any, second: Any, values: Sequence[tuple[Any, Any]]) -> Any:  # noqa: ANN401
    """A condition that meets exactly these pairs; one pool, the usual case, stays a plain list."""
    pools = {pool for pool, _ in values}
    if len(pools) == 1:
        return and_(first == pools.pop(), second.in_([value for _, value in values]))
    return tuple_(first, second).in_(values)


def read_keyed(
    connection: Connection,
    table: Table,
    keys: Sequence[tuple[int, int]],
    build: Callable[[AnyRow], Any],
) -> dict[tuple[int, int], Any]:
    """Read rows of a table by (pool, number) and build what they stand for."""
    if not keys:
        return {}
    pool, number = list(table.primary_key)
    rows = connection.execute(select(table).where(pairs(pool, number, keys)))
    return {(row[0], row[1]): build(row) for row in rows}
