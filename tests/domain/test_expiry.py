"""PRODUCT, The pool, 4: expiry is a fact of time, not a job."""

from datetime import timedelta

import pytest

from app.domain.refusals import InsufficientCredits
from app.domain.settlement import next_due, settle
from tests.domain.sample_pool import (
    BUSINESS,
    FREE,
    NOW,
    PLANS,
    a_grant,
    a_pool,
    deduct,
    later,
    on_plan,
    place,
    remaining,
    told,
)

MOMENT = timedelta(microseconds=1)


def test_a_grant_counts_from_its_first_instant_until_just_before_its_last():
    grant = a_grant(1, 5, later(days=1))
    assert not grant.counts_at(NOW - MOMENT)
    assert grant.counts_at(NOW)
    assert grant.counts_at(later(days=1) - MOMENT)
    assert not grant.counts_at(later(days=1))


def test_unsettled_expired_credits_are_not_available():
    pool = a_pool(a_grant(1, 5, later(days=1)))
    assert pool.available(later(days=1)) == 0
    with pytest.raises(InsufficientCredits):
        pool.choose(1, later(days=1))


def test_the_line_is_dated_at_the_boundary_however_late_it_is_written():
    pool = a_pool(a_grant(1, 5, later(days=1)), a_grant(2, 7))
    settle(pool, later(days=300), PLANS)
    assert told(pool) == [("expiry", -5, later(days=1))]
    assert pool.at == later(days=300)
    settle(pool, later(days=301), PLANS)
    assert len(pool.lines) == 1


def test_nothing_is_written_for_a_grant_that_was_used_up():
    pool = a_pool(a_grant(1, 5, later(days=1)))
    deduct(pool, 5)
    settle(pool, later(days=2), PLANS)
    assert [kind for kind, _, _ in told(pool)] == ["deduction"]


def test_events_are_written_in_order_of_time_whatever_their_kind():
    pool = on_plan(FREE)
    place(pool, 2, later(hours=11, minutes=50), minutes=20)
    pool.add_grant(a_grant(0, 0).source, 3, pool.at, later(hours=12, minutes=5))
    settle(pool, later(days=1, hours=13), PLANS)
    midnight = later(hours=12)
    assert told(pool)[2:] == [
        ("expiry", -3, midnight),
        ("allocation", 5, midnight),
        ("expiry", -3, later(hours=12, minutes=5)),
        ("expiry", -2, later(hours=12, minutes=10)),
        ("expiry", -5, midnight + timedelta(days=1)),
        ("allocation", 5, midnight + timedelta(days=1)),
    ]
    assert [line.at for line in pool.lines] == sorted(line.at for line in pool.lines)


def test_the_time_of_a_pool_never_runs_backwards():
    pool = on_plan(BUSINESS)
    settle(pool, later(days=2), PLANS)
    settle(pool, later(days=1), PLANS)
    assert pool.at == later(days=2)


def test_settling_in_many_steps_or_in_one_is_the_same():
    at_once, in_steps = on_plan(FREE), on_plan(FREE)
    settle(at_once, later(days=30), PLANS)
    for hours in range(0, 30 * 24 + 1, 7):
        settle(in_steps, later(hours=hours), PLANS)
    settle(in_steps, later(days=30), PLANS)
    assert told(at_once) == told(in_steps)
    assert at_once == in_steps


def test_next_due_is_the_first_thing_that_time_will_change():
    pool = a_pool(a_grant(1, 5, later(days=1)), a_grant(2, 5, later(days=2)), a_grant(3, 5))
    assert next_due(pool) == later(days=1)
    deduct(pool, 5)
    assert next_due(pool) == later(days=2)
    place(pool, 5)
    assert next_due(pool) == later(minutes=15)
    pool.due_later = later(minutes=3)
    assert next_due(pool) == later(minutes=3)


def test_nothing_is_due_when_nothing_expires_and_nothing_renews():
    pool = a_pool(a_grant(1, 5))
    assert next_due(pool) is None
    assert remaining(pool) == {1: 5}
