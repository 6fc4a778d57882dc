"""Runs: recorded while they go on, stopped by nothing bad, and doing each period once."""

from datetime import timedelta

import pytest

from app.domain.trigger import Trigger
from app.services.credits import settle
from app.services.credits.due import count_due_pools
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.verify import verify_ledger
from app.services.cycle.preview import preview
from app.services.cycle.run import run_cycle, watched_run
from app.store.cycle_runs import latest_runs, run_by_id
from app.store.database import OutcomeUnknown, db
from app.store.pools import POOLS
from tests.conftest import START
from tests.services.racing import at_once

RENEWAL = START + timedelta(days=31)


@pytest.fixture
def teams(open_on):
    return [open_on(f"team-{number}") for number in range(7)]


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(settle, "CHUNK", 2)


def break_pool(account):
    """Put a pool on a plan that is not in the catalogue any more."""
    with db.engine.begin() as connection:
        broken = POOLS.update().where(POOLS.c.id == account.id)
        connection.execute(broken.values(plan="gone"))


def require_proof():
    assert [found.difference for found in verify_ledger() if found.difference] == []


def test_a_run_is_recorded_from_begin_to_end(teams, clock):
    clock.set(RENEWAL)
    run = run_cycle(RENEWAL, Trigger.COMMAND, clock.now)
    assert (run.due, run.settled, run.failures) == (8, 8, [])
    db.session.rollback()
    (row,) = latest_runs(10)
    assert (row.id, row.trigger, row.instant) == (run.number, Trigger.COMMAND, RENEWAL)
    assert (row.due, row.settled, row.failed, row.error) == (8, 8, 0, None)
    assert (row.started_at, row.finished_at) == (RENEWAL, RENEWAL)
    require_proof()


def test_nothing_to_do_is_not_recorded(teams, clock):
    run = run_cycle(START, Trigger.SCHEDULER, clock.now)
    assert (run.number, run.due, latest_runs(10)) == (None, 0, [])


def test_progress_is_seen_while_it_runs(teams, clock, small_chunks):
    seen = []
    for step in watched_run(RENEWAL, Trigger.PAGE, clock.now):
        db.session.rollback()
        row = run_by_id(step.number)
        seen.append((step.settled, row.settled, row.finished_at is None))
    assert seen == [(n, n, True) for n in (0, 2, 4, 6, 8)]
    db.session.rollback()
    assert run_by_id(step.number).finished_at is not None


def test_one_bad_pool_stops_no_other(teams, clock, small_chunks):
    break_pool(teams[3])
    run = run_cycle(RENEWAL, Trigger.SCHEDULER, clock.now)
    assert (run.due, run.settled) == (8, 7)
    ((pool_id, words),) = run.failures
    assert pool_id == teams[3].id
    assert "KeyError" in words
    db.session.rollback()
    (row,) = latest_runs(1)
    assert (row.settled, row.failed, row.error) == (7, 1, words)
    assert count_due_pools(RENEWAL) == 1
    for team in (*teams[:3], *teams[4:]):
        assert pool(team, RENEWAL).available == 10_000


def test_what_stops_a_run_is_recorded_and_the_next_goes_on(teams, clock, small_chunks, monkeypatch):
    done = []

    def break_off(pools, now, note):
        if len(done) == 2:
            raise OutcomeUnknown("The database broke while it committed.")
        done.append(pools)
        return commit_time(pools, now, note)

    commit_time = settle.commit_time
    monkeypatch.setattr(settle, "commit_time", break_off)
    with pytest.raises(OutcomeUnknown):
        run_cycle(RENEWAL, Trigger.SCHEDULER, clock.now)
    db.session.rollback()
    (row,) = latest_runs(1)
    assert (row.settled, row.finished_at is None) == (4, False)
    assert row.error.startswith("OutcomeUnknown")
    monkeypatch.undo()
    assert run_cycle(RENEWAL, Trigger.SCHEDULER, clock.now).settled == 4
    require_proof()


def test_a_run_that_is_left_says_so(teams, clock, small_chunks):
    steps = watched_run(RENEWAL, Trigger.COMMAND, clock.now)
    next(steps)
    next(steps)
    steps.close()
    db.session.rollback()
    (row,) = latest_runs(1)
    assert (row.settled, row.error) == (2, "The run was stopped.")


def test_several_at_once_divide_the_work(app, teams, clock, small_chunks):
    runs = at_once(
        app, *[lambda: run_cycle(RENEWAL, Trigger.SCHEDULER, clock.now) for _ in range(5)]
    )
    assert [run for run in runs if isinstance(run, Exception)] == []
    assert sum(run.settled for run in runs) == 8
    assert all(run.failures == [] for run in runs)
    for team in teams:
        found = transactions(team, TransactionFilter(), 100, None, RENEWAL)
        assert [line.kind for line in found] == ["allocation", "allocation"]
    require_proof()


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(teams, clock, small_chunks):
    at = START + timedelta(days=70)
    break_pool(teams[0])
    before = stored()
    found = {item.account: item for item in preview(at)}
    assert stored() == before
    assert len(found) == 8
    assert "KeyError" in found["team-0"].problem
    item = found["team-1"]
    assert (item.periods, item.granted, item.trimmed, item.expired) == (2, 10_000, 0, 5_000)
    assert (item.balance, item.balance_after, item.carried) == (5_000, 10_000, 5_000)
    run_cycle(at, Trigger.COMMAND, clock.now)
    assert pool(teams[1], at).available == item.balance_after


def stored():
    with db.engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(POOLS.select()))
