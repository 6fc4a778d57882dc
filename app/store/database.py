"""The database: one transaction per verb, the same rules on SQLite and PostgreSQL.

SQLite runs in WAL with `synchronous=FULL`. A transaction that will write begins with
`BEGIN IMMEDIATE`, so that it waits for its turn instead of failing half-way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    TypeDecorator,
    event,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_LOCK_WAIT_MS = 30_000


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

BigKey = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: `timestamptz` in PostgreSQL, sortable text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone; SQLite keeps it as naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give every instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[StrEnum], *, guarded: bool = True) -> Enum:
    """Make a column type that holds one of the enum's values, guarded by a CHECK.

    Where rows are many the table says `one_of_values` instead: for each row it checks, SQLite
    builds the list of an `IN` anew, which costs more than writing the row.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=guarded,
        length=24,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def one_of_values(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Guard a column that holds one of the enum's values, at little cost per row."""
    text = " OR ".join(f"{column} = '{member.value}'" for member in kind)
    return CheckConstraint(text, name=kind.__name__.lower())


# Set while somebody may only look: what each writing transaction of theirs is refused with.
_only_reading: ContextVar[Exception | None] = ContextVar("only_reading", default=None)


def refuse_writing(refusal: Exception | None) -> None:
    """Refuse every `transaction()` of this thread from now on; None lets it write again.

    What time alone does to pools is written on other connections, and goes on.
    """
    _only_reading.set(refusal)


@contextmanager
def writing_anyway() -> Iterator[None]:
    """Let Coffer write its own record inside, though whoever is here may only look."""
    token = _only_reading.set(None)
    try:
        yield
    finally:
        _only_reading.reset(token)


class UniqueTaken(Exception):  # noqa: N818 - the verb that meets it says what it means
    """Another row has the value that must be unique."""


class OutcomeUnknown(Exception):  # noqa: N818 - nobody knows yet whether it is an error
    """A transaction that may be in effect or not. Only what has a key may be tried again."""


def add(*rows: Base) -> None:
    """Write new rows now; `UniqueTaken` leaves the transaction usable, to try another value."""
    session = db.session
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError as error:
        if _is_unique_violation(error):
            raise UniqueTaken from error
        raise


def flush() -> None:
    """Write the changes made to rows so far; `UniqueTaken` ends the transaction."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if _is_unique_violation(error):
            raise UniqueTaken from error
        raise


def _is_unique_violation(error: IntegrityError) -> bool:
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "")
    return code in {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


@contextmanager
def transaction() -> Iterator[None]:
    """Run one verb's reads and writes as one transaction; an exception undoes all of it.

    What the session read before is read again, so that decisions rest on the present state.
    """
    refusal = _only_reading.get()
    if refusal is not None:
        raise refusal
    session = db.session
    session.commit()
    session.expire_all()
    session.connection(execution_options={"writing": True})
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def write_connection(engine: Engine) -> Iterator[Connection]:
    """One writing transaction on a connection of its own, for the money path.

    Raises `OutcomeUnknown` when the commit itself fails; any other exception changed nothing.
    """
    with (
        engine.connect().execution_options(writing=True) as connection,
        connection.begin() as running,
    ):
        yield connection
        try:
            running.commit()
        except DBAPIError as error:
            raise OutcomeUnknown("The database broke while it committed.") from error


@contextmanager
def read_connection(*, snapshot: bool = False) -> Iterator[Connection]:
    """A connection of its own that sees what is committed now, whatever the session read before.

    With `snapshot` all its statements see the same state.
    """
    with db.engine.connect() as connection:
        if snapshot and connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def current_connection() -> Connection:
    """The connection of the running `transaction()`."""
    return db.session.connection()


def database_version() -> str:
    """Name the database and its version, such as `postgresql 18.4`."""
    with db.engine.connect() as connection:
        found = connection.dialect.server_version_info or ()
        return " ".join([connection.dialect.name, ".".join(map(str, found))])


def current_engine() -> Engine:
    """The engine of the current application."""
    return db.engine


def prepare_engine(engine: Engine) -> None:
    """Give SQLite its pragmas and its way to begin; PostgreSQL UTC, and a quieter driver."""
    if engine.dialect.name != "sqlite":
        # A repeated idempotency key ends a pipeline early, by design; the driver warns of that.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        _speak_utc(engine)
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {SQLITE_LOCK_WAIT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _speak_utc(engine: Engine) -> None:
    """Let instants come back in UTC whatever zone the server is set to: days are those of UTC."""

    @event.listens_for(engine, "connect")
    def set_zone(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()
