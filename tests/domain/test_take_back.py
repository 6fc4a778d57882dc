"""Credits that are taken back: all of an unused grant, or what is left of one, never below zero."""

import pytest

from app.domain.refusals import Conflict
from app.domain.take_back import NothingLeft, TakeBackRest, TakeBackUnused
from tests.domain.sample_pool import NOW, a_grant, a_pool, apply, deduct, place, remaining, told

REST, UNUSED = TakeBackRest(2, "Dispute"), TakeBackUnused(2, "Refund")


@pytest.fixture
def pool():
    """A pool with two packs; the first is used first."""
    return a_pool(a_grant(1, 100), a_grant(2, 500))


@pytest.mark.parametrize("command", [REST, UNUSED])
def test_all_of_an_unused_grant(pool, command):
    line = apply(pool, command)
    assert (line.credits, line.reason) == (-500, command.reason)
    assert remaining(pool) == {1: 100, 2: 0}
    assert told(pool) == [("expiry", -500, NOW)]


def test_a_grant_that_was_touched_is_not_unused(pool):
    deduct(pool, 101)
    with pytest.raises(Conflict, match="used or are held"):
        apply(pool, UNUSED)
    assert remaining(pool) == {1: 0, 2: 499}


def test_a_grant_of_which_something_is_held_is_not_unused(pool):
    place(pool, 101)
    with pytest.raises(Conflict):
        apply(pool, UNUSED)


def test_the_rest_leaves_what_is_held(pool):
    deduct(pool, 200)
    place(pool, 50)
    assert apply(pool, REST).credits == -350
    assert (pool.balance, pool.held, pool.available(NOW)) == (50, 50, 0)


def test_the_last_credit_and_none(pool):
    deduct(pool, 599)
    assert apply(pool, REST).credits == -1
    with pytest.raises(NothingLeft):
        apply(pool, REST)
    with pytest.raises(Conflict):
        apply(pool, UNUSED)
    assert pool.balance == 0


@pytest.mark.parametrize("command", [TakeBackRest(9, ""), TakeBackUnused(9, "")])
def test_a_grant_that_is_not_there(pool, command):
    with pytest.raises(Conflict):
        apply(pool, command)
    assert pool.balance == 600
