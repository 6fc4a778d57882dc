"""How Alembic reaches the database: with the engine of the application that calls it."""

from alembic import context
from flask import current_app

from app.store.tables import metadata


def run() -> None:
    """Run the migrations that are asked for, all in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(writing=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            render_as_batch=engine.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()


run()
