"""A writing transaction of the money path: all or nothing, or nobody knows."""

import pytest
from sqlalchemy import text

from app.store.database import OutcomeUnknown, current_engine, write_connection
from app.store.directory import read_version

RAISE = text("UPDATE directory SET version = version + 1")


def version():
    with current_engine().connect() as connection:
        return read_version(connection)


def test_it_is_committed_at_the_end(app):
    before = version()
    with write_connection(current_engine()) as connection:
        connection.execute(RAISE)
    assert version() == before + 1


def test_an_exception_undoes_all_of_it(app):
    before = version()

    def broken():
        with write_connection(current_engine()) as connection:
            connection.execute(RAISE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert version() == before


class TestPostgreSQL:
    """What only a database in another process can do."""

    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    def test_a_connection_lost_at_the_commit_leaves_the_outcome_unknown(self, app):
        engine = current_engine()

        def lost():
            with write_connection(engine) as connection, engine.connect() as other:
                connection.execute(RAISE)
                pid = connection.scalar(text("SELECT pg_backend_pid()"))
                other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})

        with pytest.raises(OutcomeUnknown):
            lost()
        with write_connection(engine) as connection:
            connection.execute(RAISE)
