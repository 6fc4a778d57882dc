"""Fixtures that hand out PostgreSQL; a conftest names this module in ``pytest_plugins``.

One server serves a whole run, however many workers share it. The process that was asked for
the run holds its lifeline, so the server ends with that process; the first test that asks
for ``postgres`` starts it, so a run without such a test pays nothing.
"""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.postgres import Lifeline, PostgresServer, new_folder

LIFELINE = pytest.StashKey[Lifeline]()
KEY = "coffer_postgres_folder"


def pytest_configure(config: pytest.Config) -> None:
    """Hold the lifeline in the run's first process; its workers only use the folder."""
    if not hasattr(config, "workerinput"):
        config.stash[LIFELINE] = Lifeline(new_folder(durable=False))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker where the shared server is."""
    node.workerinput[KEY] = str(node.config.stash[LIFELINE].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server with the run."""
    lifeline = config.stash.get(LIFELINE, None)
    if lifeline is not None:
        lifeline.release()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """Share one server between all workers; it does not wait for the disk, to be quick."""
    if hasattr(pytestconfig, "workerinput"):
        folder = Path(pytestconfig.workerinput[KEY])
    else:
        folder = pytestconfig.stash[LIFELINE].folder
    return PostgresServer(folder, fsync=False).start()


@pytest.fixture(scope="session")
def running_name_server() -> Iterator[Any]:
    """Serve DNS on loopback for the whole run."""
    from tests.servers.name_server import running

    with running() as server:
        yield server


@pytest.fixture
def name_server(running_name_server: Any) -> Any:
    """Give a test the name server, which knows no name at first."""
    running_name_server.forget()
    return running_name_server


@pytest.fixture(scope="session")
def ai_upstream() -> Iterator[str]:
    """Serve AI models on loopback; give the address that an OpenAI client takes."""
    from tests.servers.ai_upstream import running

    with running() as base_url:
        yield base_url


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[PostgresServer]:
    """Give a module a server of its own with all durability on, which it may crash."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Give a test an empty database of its own."""
    with temporary_database(postgres) as url:
        yield url


@contextlib.contextmanager
def temporary_database(server: PostgresServer, template: str | None = None) -> Iterator[str]:
    """Make a database under a name nobody else has, and drop it afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    try:
        yield server.create_database(name, template)
    finally:
        server.drop_database(name)
