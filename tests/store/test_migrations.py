"""The migrations make what the models say, on both databases, and each can be gone back from."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from app.store.database import db
from app.store.revision import bind_migrations
from app.store.tables import metadata


def differences():
    """What alembic would change; the tables of plugins are theirs."""

    def is_ours(_object, name, kind, _reflected, compared):
        return kind != "table" or compared is not None or name in metadata.tables

    options = {"compare_type": True, "include_object": is_ours}
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def test_the_migrations_make_what_the_models_say(app):
    assert differences() == []


@pytest.mark.slow
def test_down_to_nothing_and_up_again(app):
    bind_migrations(app)
    db.session.remove()
    downgrade(revision="base")
    upgrade()
    assert differences() == []
