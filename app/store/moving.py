"""What a workspace is made of, table by table: read for another installation, and written there.

A row is the list of its values in the order of the table's columns, without ids that the other
installation gives anew. What it refers to is mapped: the account (and its pool), people, apps.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Date, LargeBinary, Table, insert, or_, select, union
from sqlalchemy.exc import StatementError

from app.store import bulk
from app.store.accounts import Account, Membership
from app.store.app_files import AppVersion, AppVersionFile, FileContent
from app.store.apps import App
from app.store.audit_lines import HEADS
from app.store.catalogue import PlanRow
from app.store.database import Base, Instant
from app.store.limits import LimitRow
from app.store.notices import Notice
from app.store.people import Person
from app.store.pools import (
    GRANTS,
    HOLDS,
    IS_RARE,
    KEYS,
    PERIODS,
    POOLS,
    TRANSACTIONS,
    USAGE,
)
from app.store.subscriptions import Subscription

ROWS_AT_ONCE = 1_000


class NotFitting(Exception):  # noqa: N818 - the verb that meets it says what it means
    """The database refuses what was written: a wrong sum, a wrong type, or something twice."""


@contextmanager
def fitting() -> Iterator[None]:
    """Turn the database's and the drivers' own words for wrong rows into `NotFitting`."""
    from psycopg import DataError, IntegrityError

    wrong = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError)
    try:
        yield
    except (*wrong, sqlite3.ProgrammingError, DataError, IntegrityError, StatementError) as error:
        raise NotFitting(str(error)) from error


class Section(NamedTuple):
    """One table's rows of a workspace. `account`, `people` and `apps` name columns that refer."""

    kind: str
    table: Table
    account: str | None
    people: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    given_anew: tuple[str, ...] = ()
    is_ledger: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns whose values are in a row, in order."""
        return [each.name for each in self.table.columns if each.name not in self.given_anew]


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


WHO = ("member",)
WHERE = ("app",)
SECTIONS = (
    Section("membership", _table(Membership), "account_id", ("person_id",)),
    Section("app", _table(App), "account_id", ("created_by_id",)),
    Section("file", _table(FileContent), None, apps=("app_id",)),
    Section("version", _table(AppVersion), None, ("by_id",), ("app_id",)),
    Section("version_file", _table(AppVersionFile), None, apps=("app_id",)),
    Section(
        "limit", _table(LimitRow), "account_id", ("member_id", "made_by"), ("app_id",), ("id",)
    ),
    Section("subscription", _table(Subscription), "account_id", ("person_id",), (), ("id",)),
    Section("grant", GRANTS, "pool", is_ledger=True),
    Section("hold", HOLDS, "pool", WHO, WHERE, is_ledger=True),
    Section("transaction", TRANSACTIONS, "pool", WHO, WHERE, is_ledger=True),
    Section("usage", USAGE, "pool", WHO, WHERE, is_ledger=True),
    Section("period", PERIODS, "pool", is_ledger=True),
    Section("key", KEYS, "pool", is_ledger=True),
    Section("notice", _table(Notice), "pool"),
    Section("pool", POOLS, "id", is_ledger=True),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """Which account, people and apps here stand for those of the file."""

    account: int
    people: dict[int, int] = field(default_factory=dict)
    apps: dict[int, int] = field(default_factory=dict)


class PersonFound(NamedTuple):
    """Somebody whom a workspace's rows name."""

    id: int
    email: str
    name: str


def find_account(connection: Connection, slug: str) -> Any:  # noqa: ANN401 - a row
    """Find an account that is not deleted."""
    table = _table(Account).c
    statement = select(_table(Account)).where(table.slug == slug, table.deleted_at.is_(None))
    return connection.execute(statement).first()


def audit_head(connection: Connection, account_id: int) -> tuple[int, str] | None:
    """The number and the seal of the last sealed line of an account's audit log."""
    statement = select(HEADS.c.seq, HEADS.c.seal).where(HEADS.c.chain == account_id)
    row = connection.execute(statement).first()
    return (row[0], row[1]) if row else None


def known_plans(connection: Connection) -> set[str]:
    """The keys of all plans."""
    return set(connection.scalars(select(PlanRow.key)))


def read_people(connection: Connection, account_id: int) -> Iterator[PersonFound]:
    """Read everybody whom a workspace's rows name, those who left, too."""
    parts = [
        select(section.table.c[column]).where(_of(section, account_id), *_only_rare(section))
        for section in SECTIONS
        for column in section.people
    ]
    named = union(*parts).subquery()
    facts = (Person.id, Person.email, Person.name)
    statement = select(*facts).where(Person.id.in_(select(named.c[0]))).order_by(Person.id)
    for row in connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}):
        yield PersonFound(*row)


def read_rows(connection: Connection, section: Section, account_id: int) -> Iterator[list[Any]]:
    """Read a section's rows in the order of its key, some at a time."""
    columns = [section.table.c[name] for name in section.columns]
    statement = select(*columns).where(_of(section, account_id))
    ordered = statement.order_by(*section.table.primary_key)
    spell = [_spell_of(column.type) for column in columns]
    for row in connection.execute(ordered, execution_options={"yield_per": ROWS_AT_ONCE}):
        if section.kind == "app" and row.account_id != account_id:
            yield _gone(columns, row)
            continue
        yield [value if value is None else f(value) for f, value in zip(spell, row, strict=True)]


def write_rows(
    connection: Connection, section: Section, rows: Sequence[Sequence[Any]], moved: Moved
) -> None:
    """Write rows of a section with what they refer to here; `KeyError` if that is nobody."""
    readers = [_reader_of(section, name, moved) for name in section.columns]
    read = [[f(value) for f, value in zip(readers, row, strict=True)] for row in rows]
    if section.is_ledger:
        bulk.insert(connection, section.table, read)
    elif read:
        named = [dict(zip(section.columns, row, strict=True)) for row in read]
        connection.execute(insert(section.table), named)


def app_of(values: Sequence[Any], moved: Moved) -> tuple[int, App]:
    """Build an app out of its row; returns its id in the file, too."""
    section = next(each for each in SECTIONS if each.kind == "app")
    columns = section.columns
    readers = {name: _reader_of(section, name, moved) for name in columns if name != "id"}
    given = dict(zip(columns, values, strict=True))
    return given["id"], App(**{name: read(given[name]) for name, read in readers.items()})


def _of(section: Section, account_id: int) -> Any:  # noqa: ANN401 - a SQL expression
    """The rows of a workspace. Apps that left it are among them: its history names them."""
    if section.kind == "app":
        named = [
            select(each.table.c[column]).where(_of(each, account_id), *_only_rare(each))
            for each in SECTIONS
            for column in each.apps
            if each.account is not None
        ]
        return or_(App.account_id == account_id, App.id.in_(union(*named)))
    if section.account is not None:
        return section.table.c[section.account] == account_id
    own = select(App.id).where(App.account_id == account_id)
    return section.table.c[section.apps[0]].in_(own)


def _gone(columns: Sequence[Any], row: Any) -> list[Any]:  # noqa: ANN401 - a row
    """What is told of an app that belongs to another account by now: its name."""
    told = {"deleted_at": row.deleted_at or row.created_at, "description": ""}
    return [told.get(column.name, getattr(row, column.name)) for column in columns]


def _only_rare(section: Section) -> list[Any]:
    """Of deductions the rollup says who made them: a million lines need not be looked at."""
    return [IS_RARE] if section.table is TRANSACTIONS else []


def _spell_of(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a SQLAlchemy type of any kind
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    return lambda value: value


def _reader_of(section: Section, name: str, moved: Moved) -> Callable[[Any], Any]:
    if name == section.account:
        return lambda _: moved.account
    if name in section.people:
        return _mapped(moved.people)
    if name in section.apps:
        return _mapped(moved.apps)
    read = _read_of(section.table.c[name].type)
    return lambda value: None if value is None else read(value)


def _mapped(ids: Mapping[int, int]) -> Callable[[Any], Any]:
    """Nobody stays nobody, which the rollup spells as 0."""
    return lambda value: value if not value else ids[value]


def _read_of(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    return base64.b64decode if isinstance(kind, LargeBinary) else lambda value: value
