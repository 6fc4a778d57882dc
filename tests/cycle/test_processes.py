"""Real processes: eight at the same instant, and one that is killed at each step of a close."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.domain.trigger import Trigger
from app.services.credits.due import count_due_pools
from app.services.credits.settle import close_due_periods
from app.services.credits.verify import verify_ledger
from app.services.cycle.run import run_cycle
from app.store.cycle_runs import latest_runs
from app.store.database import db
from tests.cli.running import COFFER
from tests.cycle.killed import STEPS
from tests.cycle.teams import RENEWAL, USED, Teams

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
PATIENCE = 120
RENEWED = 2 * 5_000 - USED


@pytest.fixture
def environment(app, database_url, tmp_path):
    """What a process needs to find the installation of this test."""
    return os.environ | {
        "COFFER_INSTANCE": str(tmp_path),
        "DATABASE_URL": database_url,
        "COFFER_LOG_LEVEL": "error",
    }


@pytest.fixture
def teams(alice):
    """Workspaces in three chunks of ten; Alice's own pool is settled already."""
    found = Teams(30).open(alice.id)
    close_due_periods(RENEWAL.replace(hour=1))
    return found


def require_renewed_once(teams):
    assert Counter(teams.periods().values()) == {2: teams.count}
    assert set(teams.balances().values()) == {RENEWED}
    assert count_due_pools(RENEWAL) == 0
    assert [found.difference for found in verify_ledger() if found.difference] == []


def runs():
    db.session.rollback()
    return latest_runs(100)


class TestEight:
    """They meet at the same instant on PostgreSQL and divide the work."""

    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    def test_each_period_is_closed_once(self, environment, alice):
        teams = Teams(8_000).open(alice.id)
        command = [COFFER, "cycle", "run", "--at", RENEWAL.isoformat(), "--json"]
        started = [
            subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(8)
        ]
        done = [process.communicate(timeout=PATIENCE) for process in started]
        assert [process.returncode for process in started] == [0] * 8, done
        counts = [json.loads(out)["pools"] for out, _ in done]
        assert sum(counts) == teams.count + 1  # Alice's own pool is one more
        assert sum(count > 0 for count in counts) > 1, counts
        assert sum(row.settled for row in runs()) == sum(counts)
        assert {row.failed for row in runs()} == {0}
        require_renewed_once(teams)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step_and_resumed(environment, teams, step, count):
    """What was committed stands, what was not is done by whoever comes next; nothing twice."""
    command = [sys.executable, "-m", "tests.cycle.killed", step, str(count), RENEWAL.isoformat()]
    killed = subprocess.run(command, env=environment, cwd=ROOT, timeout=PATIENCE, check=False)
    reached = count == 1 or "run" not in step
    assert killed.returncode == (-signal.SIGKILL if reached else 0)
    settled = sum(periods == 2 for periods in teams.periods().values())
    assert settled % 10 == 0
    assert settled == sum(row.settled for row in runs())
    if reached:
        assert [row.finished_at for row in runs() if row.finished_at is not None] == []
    resumed = run_cycle(RENEWAL, Trigger.COMMAND, lambda: RENEWAL)
    assert resumed.settled == teams.count - settled
    require_renewed_once(teams)
