"""Migrations through Flask-Migrate, which only they load: it costs every server process 10 MB."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.settings import ROOT
from app.store.database import db

if TYPE_CHECKING:
    from flask import Flask

FOLDER = ROOT / "migrations"


def bind_migrations(app: Flask) -> None:
    """Let `flask --app app db …` work on the application."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(FOLDER))


def run_migrations(app: Flask) -> None:
    """Run what migrations are missing, inside the application's context."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from flask_migrate import upgrade

    bind_migrations(app)
    upgrade()
