"""Observers when servers are killed, and when several schedulers tell at once."""

from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from app.services.plugins.backlog import backlogs
from app.store.database import current_engine
from app.store.outbox import LANES, MESSAGES
from app.store.people import person_by_email
from tests.cli.running import eventually, started
from tests.crash.diaries import NAMES, Diaries
from tests.crash.site import ALICE, CREATED, PATIENCE, Crowd, kill, retry
from tests.cycle.teams import Teams

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROUNDS = 2
LEASE_SECONDS = 60
PLENTY = 1_000_000


@pytest.fixture
def diaries(site, tmp_path):
    found = Diaries(tmp_path / "package")
    found.begin(site.environment)
    return found


def waiting(site):
    """How many messages wait for observers."""
    with site.inside():
        return sum(found.waiting for found in backlogs().values())


def deducted(site):
    """The deductions of the history, in order."""
    return [line.id for line in site.require_sound() if line.kind == "deduction"]


def test_a_server_killed_between_a_commit_and_its_observers_loses_none(site, diaries):
    """Whatever was answered is told to every observer, in order, by the one that comes next."""
    site.top_up(PLENTY)
    unknown = []
    for turn in range(ROUNDS):
        # What a process that was killed had taken is free again when its lease is over.
        site.environment["COFFER_CLOCK_SHIFT_SECONDS"] = str(turn * LEASE_SECONDS)
        with (
            site.served(scheduler=True) as (process, port),
            Crowd(site, [port], f"turn {turn}") as crowd,
        ):
            crowd.wait_for(300)
            kill(process)
            unknown += [ask for ask in crowd.wait() if ask.is_unknown]
        assert waiting(site) > 0
    site.environment["COFFER_CLOCK_SHIFT_SECONDS"] = str(ROUNDS * LEASE_SECONDS)
    with site.served(scheduler=True) as (_, port):
        retry(site, port, unknown)
        expected = deducted(site)
        assert len(expected) >= 300 * ROUNDS
        eventually(lambda: len(diaries.heard()[-1]) == len(expected), "all is told", PATIENCE)
        eventually(lambda: waiting(site) == 0, "nothing waits", PATIENCE)
    assert diaries.heard() == [expected] * len(NAMES)


def test_killed_right_after_the_answer(site, diaries):
    """A deduction that was answered, on a server that tells nobody, and that is gone then."""
    with site.served() as (process, port):
        assert site.deduct(port, "one").status == CREATED
        kill(process)
    assert waiting(site) == len(NAMES)
    assert diaries.heard() == [[], []]
    with site.served(scheduler=True):
        eventually(lambda: waiting(site) == 0, "nothing waits", PATIENCE)
    assert [diaries.read(name) for name in NAMES] == [deducted(site)] * len(NAMES)


def test_several_schedulers_tell_each_thing_once_and_in_order(site, diaries, tmp_path):
    """Three processes close ten periods of sixty workspaces, and tell two observers of it."""
    now = datetime.now(UTC)
    with site.inside():
        teams = Teams(60).open(person_by_email(ALICE).id)
    with ExitStack() as stack:
        for number in range(3):
            log = tmp_path / f"scheduler-{number}.log"
            stack.enter_context(started("scheduler", environment=site.environment, log=log))
        with site.inside():
            eventually(lambda: min(teams.periods().values()) > 10, "all is closed", PATIENCE)
        eventually(lambda: waiting(site) == 0, "nothing waits", PATIENCE)
    with site.inside():
        counts = teams.periods()
        assert _rows(MESSAGES) == _rows(LANES) == []
    for name in NAMES:
        told = defaultdict(list)
        for line in diaries.read(name):
            account, ended = line.split()
            told[account].append(ended)
        ends = {account: ended for account, ended in told.items() if account.startswith("team-")}
        assert len(ends) == teams.count
        for ended in ends.values():
            assert ended == sorted(set(ended))
            assert len(ended) == max(counts.values()) - 1
            assert datetime.fromisoformat(ended[-1]) <= now + timedelta(minutes=5)


def _rows(table):
    with current_engine().connect() as connection:
        return connection.execute(table.select()).all()


def test_a_scheduler_killed_while_it_tells_is_followed_by_another(site, diaries, tmp_path):
    with site.served() as (_, port), Crowd(site, [port], "a", callers=20, asks=20) as crowd:
        crowd.wait()
    log = tmp_path / "doomed.log"
    with started("scheduler", environment=site.environment, log=log) as doomed:
        eventually(lambda: bool(diaries.read(NAMES[0])), "it tells", PATIENCE)
        kill(doomed)
    site.environment["COFFER_CLOCK_SHIFT_SECONDS"] = str(LEASE_SECONDS)
    log = tmp_path / "next.log"
    with started("scheduler", environment=site.environment, log=log):
        eventually(lambda: waiting(site) == 0, "nothing waits", PATIENCE)
    expected = deducted(site)
    assert len(expected) == 400
    assert diaries.heard() == [expected] * len(NAMES)
