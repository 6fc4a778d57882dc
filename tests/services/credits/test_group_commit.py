"""Group commit by itself: who leads, who is committed with whom, and who is told what.

The commit is a stand-in that waits at a gate. That a caller waits is noticed by its ticket.
"""

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.services.credits import group_commit
from app.services.credits.group_commit import MOST_ENTRIES, GroupCommit
from app.store.database import OutcomeUnknown
from tests.conftest import START

PATIENCE = 30


class Office:
    """A group commit whose commits wait at a gate, and callers in threads of their own."""

    def __init__(self, monkeypatch, lanes=1):
        office = self
        self.calls, self.leaders = [], []
        self.began, self.gate = threading.Semaphore(0), threading.Semaphore(0)
        self.queued = threading.Semaphore(0)
        self.bad = {}

        class Noticed(deque):
            def append(self, ticket):
                super().append(ticket)
                office.queued.release()

        monkeypatch.setattr(group_commit, "deque", Noticed)
        self.group = GroupCommit(self.commit, lanes=lanes)
        self.threads = ThreadPoolExecutor(20)

    def commit(self, entries, now):
        self.calls.append(({pool: list(batch) for pool, batch in entries.items()}, now))
        self.leaders.append(threading.get_ident())
        self.began.release()
        assert self.gate.acquire(timeout=PATIENCE)
        for batch in entries.values():
            for entry in batch:
                if entry in self.bad:
                    raise self.bad[entry]
        return {pool: [f"did {entry}" for entry in batch] for pool, batch in entries.items()}

    def call(self, *entries, pool=1, now=START):
        """A caller, who has a ticket when this returns."""
        future = self.threads.submit(self._call, pool, entries, now)
        assert self.queued.acquire(timeout=PATIENCE)
        return future

    def _call(self, pool, entries, now):
        return threading.get_ident(), self.group.submit(pool, list(entries), now)

    def lead(self, *entries, **more):
        """A caller whose commit has begun and waits at the gate."""
        future = self.call(*entries, **more)
        assert self.began.acquire(timeout=PATIENCE)
        return future

    def open(self, times=1):
        self.gate.release(times)

    def batches(self):
        return [entries for entries, _ in self.calls]


@pytest.fixture
def office(monkeypatch):
    made = Office(monkeypatch)
    yield made
    made.open(100)
    made.threads.shutdown()


def answer(future):
    return future.result(PATIENCE)[1]


def test_a_lone_caller_goes_straight_through(office):
    office.open()
    assert office.group.submit(1, ["a", "b"], START) == ["did a", "did b"]
    assert office.calls == [({1: ["a", "b"]}, START)]
    assert office.leaders == [threading.get_ident()]
    assert office.group._lanes == {}


def test_those_who_wait_are_committed_together_and_each_gets_its_own_answer(office):
    first = office.lead("a")
    others = [office.call(f"b{i}", f"c{i}") for i in range(5)]
    office.open(2)
    assert answer(first) == ["did a"]
    assert [answer(other) for other in others] == [[f"did b{i}", f"did c{i}"] for i in range(5)]
    together = [entry for i in range(5) for entry in (f"b{i}", f"c{i}")]
    assert office.batches() == [{1: ["a"]}, {1: together}]


def test_the_lead_passes_to_whoever_waits_longest_and_ends_with_the_last(office):
    first = office.lead("a")
    others = [office.call(name) for name in "bcd"]
    office.open(2)
    leaders = [first.result(PATIENCE)[0], others[0].result(PATIENCE)[0]]
    assert office.leaders == leaders
    assert leaders[0] != leaders[1]
    for other in others:
        other.result(PATIENCE)
    assert office.group._lanes == {}
    office.open()
    assert answer(office.call("e")) == ["did e"]


def test_a_transaction_is_bounded_and_the_rest_follow_in_order(office):
    first = office.lead("a")
    sizes = [400, 500, 101, MOST_ENTRIES, 1]
    others = [office.call(*[f"{n}.{i}" for i in range(size)]) for n, size in enumerate(sizes)]
    office.open(6)
    for n, (other, size) in enumerate(zip(others, sizes, strict=True)):
        assert answer(other) == [f"did {n}.{i}" for i in range(size)]
    answer(first)
    assert [len(batch[1]) for batch in office.batches()] == [1, 900, 101, MOST_ENTRIES, 1]


def test_one_caller_with_more_than_the_bound_is_committed_alone(office):
    first = office.lead("a")
    large = office.call(*map(str, range(MOST_ENTRIES + 5)))
    small = office.call("b")
    office.open(3)
    assert len(answer(large)) == MOST_ENTRIES + 5
    assert (answer(first), answer(small)) == (["did a"], ["did b"])
    assert [len(batch[1]) for batch in office.batches()] == [1, MOST_ENTRIES + 5, 1]


def test_an_entry_that_breaks_the_commit_breaks_only_itself(office):
    office.bad["bad"] = ValueError("broken")
    first = office.lead("a")
    good, bad, other = office.call("b"), office.call("bad"), office.call("c")
    office.open(5)
    assert (answer(first), answer(good), answer(other)) == (["did a"], ["did b"], ["did c"])
    with pytest.raises(ValueError, match="broken"):
        bad.result(PATIENCE)
    assert office.batches()[1:] == [{1: ["b", "bad", "c"]}, {1: ["b"]}, {1: ["bad"]}, {1: ["c"]}]


def test_a_lone_entry_that_breaks_is_not_tried_again(office):
    office.bad["bad"] = ValueError("broken")
    bad = office.lead("bad")
    office.open(2)
    with pytest.raises(ValueError, match="broken"):
        bad.result(PATIENCE)
    assert len(office.calls) == 1


def test_what_may_be_in_effect_is_not_done_again(office):
    office.bad["b"] = OutcomeUnknown("lost while committing")
    first = office.lead("a")
    others = [office.call(name) for name in "bc"]
    office.open(2)
    assert answer(first) == ["did a"]
    for other in others:
        with pytest.raises(OutcomeUnknown):
            other.result(PATIENCE)
    assert office.batches() == [{1: ["a"]}, {1: ["b", "c"]}]


def test_an_interrupted_leader_leaves_nobody_waiting(office):
    office.bad["b"] = SystemExit()
    first = office.lead("a")
    leader, follower = office.call("b"), office.call("c")
    office.open(1)
    assert office.began.acquire(timeout=PATIENCE)
    late = office.call("d")
    office.open(2)
    assert answer(first) == ["did a"]
    with pytest.raises(SystemExit):
        leader.result(PATIENCE)
    with pytest.raises(OutcomeUnknown):
        follower.result(PATIENCE)
    assert answer(late) == ["did d"]
    assert office.group._lanes == {}


def test_pools_of_one_lane_share_a_commit_and_get_their_own_answers(office):
    first = office.lead("a")
    others = [office.call(f"b{pool}", pool=pool) for pool in (3, 1, 2, 3)]
    office.open(2)
    answer(first)
    assert [answer(other) for other in others] == [["did b3"], ["did b1"], ["did b2"], ["did b3"]]
    assert office.batches()[1] == {3: ["b3", "b3"], 1: ["b1"], 2: ["b2"]}


def test_pools_of_different_lanes_dont_wait_for_each_other(monkeypatch):
    office = Office(monkeypatch, lanes=2)
    first, second = office.lead("a", pool=1), office.lead("b", pool=2)
    office.open(2)
    assert (answer(first), answer(second)) == (["did a"], ["did b"])
    assert office.batches() == [{1: ["a"]}, {2: ["b"]}]
    office.threads.shutdown()


def test_a_commit_is_dated_by_the_latest_of_its_callers(office):
    first = office.lead("a")
    spans = [timedelta(seconds=1), timedelta(seconds=3), timedelta(seconds=2)]
    others = [office.call("b", now=START + span) for span in spans]
    office.open(2)
    for future in (first, *others):
        answer(future)
    assert [now for _, now in office.calls] == [START, START + timedelta(seconds=3)]
