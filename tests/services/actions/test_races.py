"""Cancelling races success, workers race each other, repeats race the first: one of them wins."""

from itertools import pairwise

import pytest

from app.domain.action_run import ActionKind, RunState
from app.domain.refusals import Conflict
from app.hookspecs import Wrote
from app.services.actions.cancel import cancel
from app.services.actions.claim import claim
from app.services.actions.finish import Lost, fail, new_version, succeed
from app.services.actions.start import Wanted, start
from app.services.actions.sweep import sweep
from app.services.apps.versions import read_version
from tests.services.actions.runner import Script, install_runner
from tests.services.racing import at_once

FULL = 5_000
PAGE = {"index.html": b"hi"}


@pytest.fixture
def running(cast, story):
    """An action that a worker has claimed and is about to finish."""
    install_runner(Script())
    row = story.start()
    assert claim("one", 15, cast.now).id == row.id
    return row


@pytest.mark.parametrize("turn", range(3))
def test_cancelling_meets_success(app, cast, story, running, turn):
    bob = cast.access("bob")
    cancelled, done = at_once(
        app,
        lambda: cancel(bob, running.id, cast.now),
        lambda: succeed(running.id, "one", new_version(PAGE, cast.now), cast.now),
    )
    row = story.now(running)
    version = read_version(cast.access("bob"), story.app_id).number
    if row.state is RunState.CANCELLED:
        assert isinstance(done, Lost)
        assert (story.pool(), version, story.paid()) == ((FULL, 0), 0, [])
    else:
        assert row.state is RunState.SUCCEEDED
        assert isinstance(cancelled, Conflict)
        assert (story.pool(), version, len(story.paid())) == ((FULL - 1, 0), 1, 1)
    story.require_sound()


def test_failing_sweeping_and_cancelling_release_once(app, cast, story, running):
    from datetime import timedelta

    later = cast.now + timedelta(seconds=61)
    cast.clock.set(later)
    at_once(
        app,
        lambda: fail(running.id, "No.", later, "one"),
        lambda: sweep(later),
        lambda: sweep(later),
        lambda: cancel(cast.access("bob"), running.id, later),
    )
    assert story.now(running).state.is_over
    assert story.pool() == (FULL, 0)
    story.require_sound()


def test_workers_take_each_action_once(app, cast, story):
    install_runner(Script(lambda task: iter([Wrote(f"{task.reference}.html", b"x")])))
    rows = [story.start() for _ in range(4)]
    at_once(app, *(lambda n=n: [story.work(f"{n}") for _ in rows] for n in range(4)))
    assert {story.now(row).state for row in rows} == {RunState.SUCCEEDED}
    numbers = sorted(story.now(row).version for row in rows)
    assert all(b - a == 1 for a, b in pairwise(numbers))
    assert story.pool() == (FULL - 4, 0)
    story.require_sound()


def test_repeats_at_once_begin_one(app, cast, story):
    install_runner(Script())
    bob, wanted = cast.access("bob"), Wanted(ActionKind.GENERATE, "Hello")
    found = at_once(
        app, *(lambda: start(bob, story.app_id, wanted, "once", cast.now) for _ in range(6))
    )
    assert len({each.value.id for each in found}) == 1
    assert sum(not each.replayed for each in found) == 1
    assert story.pool() == (FULL - 1, 1)
