"""Real processes: killed at each step of a payment and made good, and eight at the same instant."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from app.services.billing.auto_top_up import set_auto_top_up, top_up_what_is_low
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.look_after import ask_about_due
from app.services.billing.read import plan_of
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.workspaces.open import start_workspace
from app.store.database import db
from app.store.payers import PayerRow
from tests.conftest import START
from tests.services.billing.engine.killed import STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[4]
WORKSPACES = 60


@pytest.fixture
def environment(till, database_url, tmp_path):
    """What a process needs to find the installation of this test."""
    return os.environ | {
        "COFFER_INSTANCE": str(tmp_path),
        "DATABASE_URL": database_url,
        "COFFER_LOG_LEVEL": "error",
    }


@pytest.fixture
def renewal(cast, till):
    """Acme pays by the bank, and a period has just opened."""
    pays_by_the_bank(till, cast.acme)
    now = plan_of(cast.acme, START).period.end + timedelta(seconds=1)
    till.clock.set(now)
    close_due_periods(now)
    return now


def pays_by_the_bank(till, *accounts):
    for account in accounts:
        found = till.subscription(account)
        found.provider, found.paid_through = "bank", 1
        payer = PayerRow(account_id=account.id, provider="bank", reference=f"payer-{account.slug}")
        db.session.add(payer)
        db.session.commit()
        till.bank.write(("INSERT INTO saved VALUES (?)", account.slug))


def begin(environment, deed, at, *step):
    command = [sys.executable, "-m", "tests.services.billing.engine.killed", deed, at.isoformat()]
    return subprocess.Popen(
        [*command, *step], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def work_on(later, deed):
    """What the jobs do in the hours after a crash."""
    for wait in (timedelta(minutes=2), timedelta(minutes=12), timedelta(hours=1)):
        now = later(seconds=wait.total_seconds())
        ask_about_due(now)
        deed(now)


@pytest.mark.parametrize("step", STEPS)
def test_a_renewal_killed_at_each_step_is_made_good(environment, cast, till, renewal, later, step):
    killed = begin(environment, "charge", renewal, step)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    work_on(later, charge_due_periods)
    assert [taken for taken in till.charges().values() if taken] == [9900]
    assert till.subscription(cast.acme).paid_through == 2
    assert Counter(till.states())["processed"] == 1
    assert till.history(cast.acme).count("processed") == 1
    till.require_sound()


@pytest.mark.parametrize("step", STEPS)
def test_a_top_up_killed_at_each_step_is_made_good(environment, cast, alice, till, later, step):
    pays_by_the_bank(till, cast.acme)
    set_auto_top_up(alice, 5_100, "pack-500", "bank", 2_500, START)
    killed = begin(environment, "top up", START, step)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    work_on(later, top_up_what_is_low)
    assert [taken for taken in till.charges().values() if taken] == [2500]
    assert pool(cast.acme, till.clock.now()).available == 5_500
    assert till.history(cast.acme).count("processed") == 1
    till.require_sound()


class TestEight:
    """They charge the same due periods at once on PostgreSQL."""

    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    def test_each_period_is_charged_once(self, environment, cast, till):
        teams = [
            start_workspace(cast.email("alice"), f"team-{n}", f"Team {n}", "business", START, START)
            for n in range(WORKSPACES)
        ]
        pays_by_the_bank(till, *teams)
        now = plan_of(teams[0], START).period.end + timedelta(seconds=1)
        till.clock.set(now)
        close_due_periods(now)
        started = [begin(environment, "charge", now) for _ in range(8)]
        counts = [int(process.communicate(timeout=240)[0]) for process in started]
        assert [process.returncode for process in started] == [0] * 8
        assert sum(counts) == WORKSPACES
        assert sum(count > 0 for count in counts) > 1, counts
        assert list(till.charges().values()) == [9900] * WORKSPACES
        assert till.bank.rows("SELECT DISTINCT calls FROM charges") == [{"calls": 1}]
        assert {till.subscription(team).paid_through for team in teams} == {2}
        till.require_sound()
