"""Any order of commands, clock steps and sweeps: the ledger does what an independent model does.

After every step all views of the pool agree: balance, grants, lines, usage, the proof, and the
pool as it was at instants seen before.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from app.domain.period import Renews
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.store.catalogue import PlanRow
from app.store.database import add, db, transaction
from tests.conftest import START
from tests.services.credits.model import ALLOCATION, CAP, DAY
from tests.services.credits.one_pool import (
    OnePool,
    asks,
    check_views,
    credits,
    parts,
    parts_of,
    steps,
)

INTERESTING = {
    "clock stepped backwards",
    "conflict",
    "extended hold",
    "hold captured after its grant expired",
    "partial capture",
    "partial refund",
    "refund to an expired grant",
    "refused command in a batch",
    "replay",
    "replay of what would be refused now",
    "several periods closed at once",
    "timed-out hold",
    "trim at rollover",
    "what is released of an expired grant",
}


@dataclass(frozen=True)
class World:
    """What all runs share: people who act, and how many workspaces there were."""

    alice: object
    bob: object
    numbers: object


@pytest.fixture
def world(app, alice, bob):
    """An installation with a small plan that renews every midnight, so that much happens."""
    plan = PlanRow(
        key="small",
        name="Small",
        credits=ALLOCATION,
        renews=Renews.DAILY,
        rollover_cap=CAP,
        workspaces=True,
        position=9,
    )
    with transaction():
        add(plan)
    return World(alice, bob, count(1))


class Ledger(RuleBasedStateMachine):
    """One workspace, changed in any order; `world` and `seen` come with the run's own class."""

    world, seen = None, None

    def __init__(self):
        super().__init__()
        self.one, self.now, self.remembered = None, START, {}

    @initialize()
    def open(self):
        self.one = OnePool(self.world)

    @rule(step=steps)
    def move_the_clock(self, step):
        self.one.model.seen["clock stepped backwards"] += step < timedelta()
        self.now = max(START, self.now + step)

    @rule(drawn=st.lists(asks, min_size=1, max_size=8))
    def post(self, drawn):
        self._changes(lambda: self.one.post(drawn, self.now))

    @rule(n=credits, part=parts, ending=st.sampled_from(["capture", "release", "refund", None]))
    def finish_after_the_grant_expired(self, n, part, ending):
        soon = ("grant", "adjustment", n, timedelta(minutes=30))
        spend = ("hold", n, 0, 0, "deploy", DAY, False)
        if ending == "refund":
            spend = ("deduct", n, 0, 0, "deploy", False)
        self._changes(lambda: self.one.post([soon, spend], self.now))
        self.now += timedelta(minutes=31) if ending else DAY
        finish = {
            "capture": [("capture", 24, part)],
            "release": [("release", 24)],
            "refund": [("refund", -1, part, False)],
            None: [],
        }
        self._changes(lambda: self.one.post(finish[ending], self.now))

    @rule(n=credits)
    def repeat_when_nothing_is_left(self, n):
        paid = ("deduct", n, 0, 0, "deploy", True)
        self._changes(lambda: self.one.post([paid], self.now))
        everything = ("deduct", max(1, self.one.model.free()), 1, None, "deploy", False)
        self._changes(lambda: self.one.post([everything, ("again", 0)], self.now))

    @rule()
    def sweep(self):
        close_due_periods(self.now)
        self._look()

    @rule()
    def read(self):
        self._look()

    def _look(self):
        if self.one.model.next_event() <= self.now:
            self._changes(lambda: self.one.model.pass_time(self.now))
        else:
            self._agree()

    def _changes(self, deed):
        deed()
        at = self.one.model.at
        self.remembered = {t: was for t, was in self.remembered.items() if t < at}
        self._agree()

    def _agree(self):
        check_views(self.one, self.now)
        latest = max(self.one.model.at, self.now)
        at = self.one.stored().at
        assert at in (self.one.model.at, latest)
        self.one.model.at = at
        self.remembered[latest] = parts_of(pool(self.one.account, self.now))

    @rule(pick=st.integers(0, 10**6))
    def look_back(self, pick):
        past = sorted(at for at in self.remembered if at <= self.now)
        if past:
            at = past[pick % len(past)]
            assert parts_of(pool(self.one.account, self.now, at)) == self.remembered[at]
        self._look()

    def teardown(self):
        if self.one is not None:
            now = max([self.now, self.one.model.at, *self.remembered])
            for at, was in self.remembered.items():
                assert parts_of(pool(self.one.account, now, at)) == was
            self.seen.update(+self.one.model.seen)
            self.one.forget()


def explore(world, examples, *, randomly=False):
    """Run so many histories; returns what happened in them, and how often."""
    seen = Counter()
    run_state_machine_as_test(
        type("LedgerOfRun", (Ledger,), {"world": world, "seen": seen}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=not randomly,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    return seen


EXAMPLES = {"sqlite": 20, "postgresql": 10}
MANY = {"sqlite": 70, "postgresql": 20}


def test_the_ledger_does_what_the_model_does(world):
    assert set(explore(world, EXAMPLES[db.engine.dialect.name])) >= INTERESTING


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_ledger_does_what_the_model_does_for_long(world):
    kind = db.engine.dialect.name  # by chance only where there are enough to meet everything
    seen = explore(world, MANY[kind], randomly=kind == "sqlite")
    assert set(seen) >= INTERESTING
