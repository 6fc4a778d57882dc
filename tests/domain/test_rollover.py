"""PRODUCT, The pool, 3: rollover, for one cycle more and never over the cap."""

from datetime import timedelta

import pytest

from app.domain.catalogue import Plan
from app.domain.grant import Source
from app.domain.period import Renews
from app.domain.pool import Cycle
from app.domain.settlement import settle
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

CAP = 10_000
ALLOCATIONS = [5_000, 10_000, 10_001, 20_000]
UNUSED = [0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001]


def renewed(allocation, unused, *, top_up=0, held=0):
    """A pool one cycle later, that brought `unused` credits along."""
    plan = Plan("p", "P", allocation, Renews.MONTHLY, CAP, workspaces=True)
    first, second = plan.period(NOW, 0), plan.period(NOW, 1)
    grants = [a_grant(1, unused, second.end, Source.ALLOCATION)] if unused else []
    if top_up:
        grants.append(a_grant(2, top_up))
    pool = a_pool(*grants)
    pool.grant_count = 2
    pool.cycle = Cycle("p", NOW, 0, 1, first)
    if held:
        place(pool, held, first.end - timedelta(seconds=1))
    settle(pool, first.end, {"p": plan})
    assert pool.is_sound()
    return pool, first.end


@pytest.mark.parametrize("allocation", ALLOCATIONS)
@pytest.mark.parametrize("unused", UNUSED)
def test_carried_plus_new_never_exceed_the_cap(allocation, unused):
    pool, boundary = renewed(allocation, unused)
    carried = min(unused, max(0, CAP - allocation))
    trimmed = unused - carried
    assert pool.available(boundary) == carried + allocation
    assert told(pool) == [
        *([("expiry", -trimmed, boundary)] if trimmed else []),
        ("allocation", allocation, boundary),
    ]
    opened = pool.opened[-1]
    assert (opened.granted, opened.carried, opened.trimmed) == (allocation, carried, trimmed)


@pytest.mark.parametrize("allocation", ALLOCATIONS)
@pytest.mark.parametrize("unused", UNUSED)
def test_top_ups_are_never_trimmed_and_dont_count(allocation, unused):
    pool, boundary = renewed(allocation, unused, top_up=50_000)
    assert remaining(pool)[2] == 50_000
    assert pool.available(boundary) == 50_000 + min(unused, max(0, CAP - allocation)) + allocation


@pytest.mark.parametrize("held", [1, 3_000, 4_000])
def test_held_credits_count_as_carried_but_are_not_trimmed(held):
    pool, boundary = renewed(8_000, 4_000, held=held)
    assert pool.held == held
    assert pool.available(boundary) + held == 8_000 + max(2_000, held)


def test_business_keeps_5000_and_gets_5000_and_never_more():
    pool = on_plan(BUSINESS)
    for index in range(1, 6):
        boundary = pool.cycle.period.end
        settle(pool, boundary, PLANS)
        assert (pool.cycle.index, pool.balance) == (index, 10_000)
    assert [kind for kind, _, _ in told(pool)][:4] == [
        "allocation",
        "allocation",
        "expiry",
        "allocation",
    ]


def test_what_is_left_stays_for_exactly_one_more_cycle():
    pool = on_plan(BUSINESS)
    deduct(pool, 4_000)
    second, third = pool.cycle.period.end, BUSINESS.period(NOW, 2).start
    settle(pool, second, PLANS)
    assert remaining(pool) == {1: 1_000, 2: 5_000}
    settle(pool, third - timedelta(microseconds=1), PLANS)
    assert pool.available(pool.at) == 6_000
    settle(pool, third, PLANS)
    assert remaining(pool) == {1: 0, 2: 5_000, 3: 5_000}
    assert told(pool)[-2:] == [("expiry", -1_000, third), ("allocation", 5_000, third)]


def test_free_keeps_nothing_over_midnight():
    pool = on_plan(FREE)
    deduct(pool, 2)
    midnight = later(hours=12)
    settle(pool, midnight, PLANS)
    assert pool.available(midnight) == 5
    assert told(pool)[-2:] == [("expiry", -3, midnight), ("allocation", 5, midnight)]


def test_missed_periods_are_opened_one_by_one_each_dated_at_its_boundary():
    pool = on_plan(BUSINESS)
    settle(pool, later(days=100), PLANS)
    assert [opened.number for opened in pool.opened] == [1, 2, 3, 4]
    assert [line.at for line in pool.lines if line.kind.value == "allocation"] == [
        BUSINESS.period(NOW, index).start for index in range(4)
    ]
    assert [opened.period for opened in pool.opened[1:]] == [
        BUSINESS.period(NOW, index) for index in (1, 2, 3)
    ]


def test_the_next_plan_takes_over_at_the_periods_end_and_counts_from_there():
    pool = on_plan(BUSINESS)
    end = pool.cycle.period.end
    pool.cycle.next_plan = "free"
    settle(pool, end + timedelta(hours=1), PLANS)
    assert (pool.cycle.plan, pool.cycle.anchor, pool.cycle.index, pool.cycle.number) == (
        "free",
        end,
        0,
        2,
    )
    assert pool.cycle.next_plan is None
    assert pool.available(pool.at) == 5_005


def test_a_cycle_that_does_not_renew_grants_nothing_and_loses_nothing_early():
    pool = on_plan(BUSINESS)
    pool.cycle.renews = False
    settle(pool, BUSINESS.period(NOW, 0).end, PLANS)
    assert pool.balance == 5_000
    settle(pool, BUSINESS.period(NOW, 1).end, PLANS)
    assert (pool.balance, len(pool.opened)) == (0, 1)


def test_a_plan_begun_with_an_anchor_in_the_past_opens_the_period_that_is_running():
    anchor = later(days=-100)
    pool = on_plan(BUSINESS, anchor)
    assert pool.cycle.index == 3
    assert pool.cycle.period.start <= NOW < pool.cycle.period.end
    assert told(pool) == [("allocation", 5_000, NOW)]
