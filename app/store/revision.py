"""The revision of the database: which migration it is at, and which one the code expects."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, inspect, select
from sqlalchemy.exc import OperationalError

from app.store.database import db

_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32)))


class DatabaseUnreachable(Exception):  # noqa: N818 - carries the driver's own words
    """The database did not let us in."""


def current_revision() -> str | None:
    """Tell which migration the database is at; None when it was never set up."""
    try:
        with db.engine.connect() as connection:
            if not inspect(connection).has_table(_VERSIONS.name):
                return None
            return connection.scalar(select(_VERSIONS.c.version_num))
    except OperationalError as error:
        raise DatabaseUnreachable(str(error.orig).strip()) from error


@cache
def expected_revision(folder: Path) -> str | None:
    """Tell the newest migration in that folder, which the code was written for."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(folder)).get_current_head()
