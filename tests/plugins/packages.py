"""Makes plugins for tests: from functions, or as modules in a folder with their own tables."""

import importlib.util
import types

from app.hookspecs import Manifest, hookimpl
from app.plugin_manager import PluginManager
from app.services.plugins.configure import switch
from app.services.plugins.installed import install
from app.store.database import db, transaction
from app.store.directory import raise_version
from app.store.plugins import PluginRow

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}


def upgrade():
    {upgrade}
"""

NOTES = """op.create_table(
        "notes_lines",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text()),
    )"""


def made_of(name="tried", manifest=None, **hooks):
    """A plugin made of functions."""
    return types.SimpleNamespace(
        manifest=manifest or Manifest(name, "1.0", "Tried."),
        **{hook: hookimpl(function) for hook, function in hooks.items()},
    )


def installed_with(*found, time_box=0.2, on=True):
    """Install plugins into the current application and switch them on."""
    manager = PluginManager(time_box=time_box)
    for one in found:
        manager.load(one.manifest.name, "test", lambda one=one: one)
    install(manager)
    forget_what_is_bundled(manager)
    for one in found:
        if on:
            switch(one.manifest.name, on=True)
    return manager


def forget_what_is_bundled(manager):
    """Take back what a new installation has decided of plugins that are not there in this test."""
    with transaction():
        row = db.session.get(PluginRow, "runner_static")
        if row is not None and row.name not in manager.plugins:
            db.session.delete(row)
        raise_version()


def write_revision(folder, revision, upgrade, down=None):
    """Write an Alembic revision into a plugin's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = REVISION.format(revision=revision, down=repr(down), upgrade=upgrade)
    (folder / f"{revision}.py").write_text(text, "utf-8")


def module_in(folder, text, name="tried_module"):
    """Import a module from a file, as an installed package would be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
