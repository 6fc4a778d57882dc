"""The tests' own PostgreSQL: real, durable when asked, quick to copy, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.servers import postgres as module
from tests.servers.fixtures import temporary_database
from tests.servers.postgres import OLDEST, PostgresError, PostgresServer

ROWS = 2000


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ask(url: str, statement: str) -> object:
    with connect(url) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def fill(url: str) -> None:
    with connect(url) as connection:
        connection.execute(
            "CREATE TABLE line (id int PRIMARY KEY, amount bigint CHECK (amount > 0))"
        )
        connection.execute(f"INSERT INTO line SELECT n, n FROM generate_series(1, {ROWS}) n")


@pytest.fixture(scope="module")
def template(postgres: PostgresServer) -> str:
    return postgres.create_template("harness_template", fill)


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


def test_it_is_a_postgresql_new_enough(postgres: PostgresServer) -> None:
    assert int(str(ask(postgres.url(), "SHOW server_version_num"))) >= OLDEST * 10000
    assert ask(postgres.url(), "SHOW listen_addresses") == "127.0.0.1"
    assert ask(postgres.url(), "SHOW timezone") in {"UTC", "Etc/UTC"}


def test_it_never_runs_as_root(postgres: PostgresServer) -> None:
    assert psutil.Process(postgres.pid).uids().effective != 0


def test_an_own_server_is_durable(durable_postgres: PostgresServer) -> None:
    url = durable_postgres.url()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(url, f"SHOW {setting}") == "on"


def test_the_shared_server_spares_the_disk_only(postgres: PostgresServer) -> None:
    assert ask(postgres.url(), "SHOW fsync") == "off"
    assert ask(postgres.url(), "SHOW synchronous_commit") == "on"


def test_two_hundred_people_may_connect(durable_postgres: PostgresServer) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connect(durable_postgres.url()))


def test_databases_are_apart(postgres: PostgresServer, postgres_url: str) -> None:
    fill(postgres_url)
    with temporary_database(postgres) as other:
        assert ask(other, "SELECT count(*) FROM pg_tables WHERE tablename = 'line'") == 0


def test_a_copy_of_a_template_is_equal_and_quick(postgres: PostgresServer, template: str) -> None:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with temporary_database(postgres, template) as url:
            times.append(time.perf_counter() - began)
            assert ask(url, "SELECT count(*) FROM line") == ROWS
            assert ask(url, "SELECT sum(amount) FROM line") == ROWS * (ROWS + 1) // 2
            with pytest.raises(psycopg.errors.CheckViolation):
                ask(url, "INSERT INTO line VALUES (0, 0)")
    assert min(times) < 0.3


def test_a_template_is_made_once(postgres: PostgresServer, template: str) -> None:
    def refuse(url: str) -> None:
        raise AssertionError(url)

    assert postgres.create_template(template, refuse) == template


def test_a_template_that_failed_is_tried_again(postgres: PostgresServer) -> None:
    def fail(url: str) -> None:
        fill(url)
        raise ValueError(url)

    with pytest.raises(ValueError, match="harness_retried"):
        postgres.create_template("harness_retried", fail)
    postgres.create_template("harness_retried", fill)
    with temporary_database(postgres, "harness_retried") as url:
        assert ask(url, "SELECT count(*) FROM line") == ROWS


def test_many_copies_at_once(postgres: PostgresServer, template: str) -> None:
    def copy_one(_: int) -> object:
        with temporary_database(postgres, template) as url:
            return ask(url, "SELECT count(*) FROM line")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(copy_one, range(8))) == [ROWS] * 8


def test_dropping_does_not_wait_for_the_connected(postgres: PostgresServer) -> None:
    url = postgres.create_database("harness_busy")
    with connect(url):
        postgres.drop_database("harness_busy")
    postgres.drop_database("harness_busy")


def test_sharing_joins_the_running_server(postgres: PostgresServer) -> None:
    other = PostgresServer(postgres.folder, fsync=False).start()
    assert other.port == postgres.port
    other.stop()
    assert ask(postgres.url(), "SELECT 1") == 1


@pytest.mark.slow
def test_what_was_committed_outlives_a_crash(own: PostgresServer) -> None:
    url = own.create_database("ledger")
    fill(url)
    own.crash()
    with pytest.raises(PostgresError):
        own.url("ledger")
    own.start()
    assert own.url("ledger") == url
    assert ask(url, "SELECT count(*) FROM line") == ROWS


def test_stopping_leaves_nothing_behind() -> None:
    with PostgresServer() as server:
        first, folder = psutil.Process(server.pid), server.folder
        family = [first, *first.parents()[:1], *first.children()]
    gone, alive = psutil.wait_procs([one for one in family if one.pid != os.getpid()], timeout=60)
    assert not alive
    assert gone
    assert not folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_owner_leaves_nothing_behind(end: signal.Signals) -> None:
    program = (
        "import time; from tests.servers.postgres import PostgresServer; "
        "s = PostgresServer().start(); print(s.pid, s.folder, flush=True); time.sleep(60)"
    )
    root = Path(module.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        assert owner.stdout
        pid, folder = owner.stdout.readline().split()
        server = psutil.Process(int(pid))
        owner.send_signal(end)
        owner.wait(10)
    psutil.wait_procs([server], timeout=20)
    deadline = time.monotonic() + 10
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.is_running()
    assert not Path(folder).exists()


@pytest.mark.slow
def test_binaries_out_of_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    found = module.find_binaries()
    ask_version = module._version
    monkeypatch.setattr(
        module,
        "_version",
        lambda folder, *ids: None if ids and folder == found else ask_version(folder, *ids),
    )
    with PostgresServer() as copied:
        assert copied._binaries.is_relative_to(copied.folder)
        assert ask(copied.url(), "SELECT 1") == 1


def test_no_postgresql_at_all_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_wheel", lambda: iter(()))
    monkeypatch.setattr(module, "_system", list)
    with pytest.raises(PostgresError, match="make install"):
        module.find_binaries()
