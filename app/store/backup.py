"""A copy of a SQLite database while it is in use: one consistent moment, in one file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.store.database import db


def copy_sqlite(target: Path) -> None:
    """Copy the database to a new file. Writers go on meanwhile, and none of them is half in it."""
    with closing(sqlite3.connect(target)) as copy, closing(db.engine.raw_connection()) as ours:
        source = ours.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def quick_check(database: Path) -> str:
    """Ask SQLite whether a database file is sound: “ok”, or what is wrong with it."""
    with closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    ) as connection:
        return str(connection.execute("PRAGMA quick_check").fetchone()[0])
