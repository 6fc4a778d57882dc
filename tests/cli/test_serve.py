"""`coffer serve` as it runs in production: real processes and real signals.

What the processes do with a database is tried on both; how they start and end is the same.
"""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.running import all_gone, eventually, family_of, free_port, run, started, status_of

ALICE = "alice@acme.test"
TWO_WORKERS_AND_SCHEDULER = 3


both_databases = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def kind() -> str:
    """The database of tests that don't say `both_databases`."""
    return "sqlite"


@pytest.fixture
def environment(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation that is set up."""
    url = request.getfixturevalue(f"{kind}_url")
    return {"COFFER_INSTANCE": str(tmp_path / "instance"), "DATABASE_URL": url}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the server writes."""
    return tmp_path / "log"


@pytest.fixture
def port() -> int:
    """Where the server listens."""
    return free_port()


@pytest.fixture
def server(environment: dict[str, str], log: Path, port: int) -> Iterator[psutil.Process]:
    """Start a server with two processes."""
    arguments = ("serve", "--port", str(port), "--workers", "2")
    with started(*arguments, environment=environment, log=log) as process:
        eventually(lambda: status_of(f"http://127.0.0.1:{port}/readyz") == 200, log.read_text())
        yield process


def deduct(port: int, token: str, key: str) -> dict[str, Any]:
    body = {"account": "acme", "member": ALICE, "action": "deploy"}
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    address = f"http://127.0.0.1:{port}/api/v1/deductions"
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


@both_databases
def test_from_init_to_a_deduction_over_http(
    environment: dict[str, str], server: psutil.Process, port: int, log: Path
):
    for command in (
        ("user", "create", ALICE),
        ("workspace", "create", "acme", "--owner", ALICE),
        ("credits", "grant", "acme", "10"),
    ):
        assert run(*command, environment=environment).returncode == 0
    token = run("token", "create", "--service", "test", environment=environment).stdout.strip()
    assert deduct(port, token, "one")["balance_after"] == 5009
    assert deduct(port, token, "two")["balance_after"] == 5008
    assert deduct(port, token, "one")["balance_after"] == 5009
    shown = run("credits", "show", "acme", "--json", environment=environment).stdout
    assert json.loads(shown)["available"] == 5008
    assert run("ledger", "verify", environment=environment).returncode == 0
    secret = (Path(environment["COFFER_INSTANCE"]) / "secret_key").read_text()
    assert secret not in log.read_text()
    assert token not in log.read_text()


@pytest.mark.slow
def test_metrics_add_up_over_processes(server: psutil.Process, port: int):
    for _ in range(20):
        assert status_of(f"http://127.0.0.1:{port}/healthz") == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        text = response.read().decode()
    line = 'coffer_request_seconds_count{method="GET",route="/healthz",status="2xx"}'
    (value,) = (row.split()[1] for row in text.splitlines() if row.startswith(line))
    assert float(value) == 20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_stops_everything(server: psutil.Process, name: str):
    family = family_of(server.pid)
    assert len(family) == 1 + TWO_WORKERS_AND_SCHEDULER
    server.send_signal(getattr(signal, name))
    eventually(lambda: all_gone(family), f"{name} stops {family}")


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_reaches_all_and_ends_all(server: psutil.Process, log: Path):
    family = family_of(server.pid)
    os.killpg(server.pid, signal.SIGINT)
    eventually(lambda: all_gone(family), f"Ctrl-C stops {family}")
    assert "Traceback" not in log.read_text()


@pytest.mark.slow
def test_nobody_outlives_a_parent_that_was_killed(server: psutil.Process):
    family = family_of(server.pid)
    server.kill()
    eventually(lambda: all_gone(family), f"{family} end with their parent")


@pytest.mark.slow
def test_a_child_that_dies_is_started_again(server: psutil.Process, port: int):
    for child in server.children():
        child.kill()
        eventually(
            lambda: len(server.children()) == TWO_WORKERS_AND_SCHEDULER and not _zombies(server),
            f"{child} is replaced",
        )
        eventually(lambda: status_of(f"http://127.0.0.1:{port}/readyz") == 200, "it serves")


def _zombies(server: psutil.Process) -> list[psutil.Process]:
    return [child for child in server.children() if child.status() == psutil.STATUS_ZOMBIE]


def test_a_port_that_is_taken_is_said(
    environment: dict[str, str], server: psutil.Process, port: int
):
    second = run("serve", "--port", str(port), environment=environment)
    assert second.returncode == 1
    assert f"Can't listen on 127.0.0.1:{port}" in second.stderr


@pytest.mark.slow
def test_without_a_scheduler(environment: dict[str, str], log: Path, port: int):
    arguments = ("serve", "--port", str(port), "--workers", "1", "--no-scheduler")
    with started(*arguments, environment=environment, log=log) as process:
        eventually(lambda: status_of(f"http://127.0.0.1:{port}/healthz") == 200, "it serves")
        assert len(process.children()) == 1


@pytest.mark.slow
@both_databases
def test_the_scheduler_alone(environment: dict[str, str], log: Path):
    with started("scheduler", environment=environment, log=log) as process:
        eventually(lambda: "The scheduler runs." in log.read_text(), "it starts")
        process.send_signal(signal.SIGTERM)
        eventually(lambda: all_gone([process]), "it ends")
    assert "Traceback" not in log.read_text()


def test_a_database_that_is_not_set_up_is_not_served(tmp_path: Path, port: int):
    environment = {"COFFER_INSTANCE": str(tmp_path), "DATABASE_URL": ""}
    for command in (("serve", "--port", str(port)), ("scheduler",)):
        result = run(*command, environment=environment)
        assert result.returncode == 1
        assert "coffer init" in result.stderr


def test_help_is_quick():
    began = time.process_time(), time.monotonic()
    subprocess.run(
        [Path(__file__).parents[2] / ".venv/bin/coffer", "--help"], check=True, capture_output=True
    )
    assert time.monotonic() - began[1] < 2
