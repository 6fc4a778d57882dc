"""The revision of the database: which migration it is at, which one the code expects, and how
to get there. Flask-Migrate and Alembic load late: they cost every server process 10 MB.
"""

from __future__ import annotations

import ast
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, inspect, select
from sqlalchemy.exc import OperationalError

from app.store.database import db

if TYPE_CHECKING:
    from flask import Flask

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
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
def expected_revision() -> str:
    """Tell the newest migration there is: the one that no other follows."""
    steps = [names_in(path) for path in (FOLDER / "versions").glob("*.py")]
    followed = {step["down_revision"] for step in steps}
    (newest,) = (step["revision"] for step in steps if step["revision"] not in followed)
    assert newest is not None
    return newest


def bind_migrations(app: Flask) -> None:
    """Let `flask --app app db …` work on the application."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(FOLDER))


def run_migrations(app: Flask) -> None:
    """Run what migrations are missing, inside the application's context."""
    bind_migrations(app)
    from flask_migrate import upgrade

    upgrade()


def names_in(path: Path) -> dict[str, str | None]:
    """Read the constants at the top of a migration without running it."""
    names: dict[str, str | None] = {"revision": None, "down_revision": None}
    for line in ast.parse(path.read_text("utf-8")).body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))) if (
                name in names
            ):
                names[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(value))) if (
                name in names
            ):
                names[name] = value
    return names
