"""What a pool says happened: deductions, top-ups, shortages, timed-out holds, closed periods."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.command import AddGrant, Capture, Release
from app.domain.grant import Source
from app.domain.happening import FellShort, PeriodClosed, Shortage
from app.domain.hold import Hold
from app.domain.period import Period
from app.domain.plan_change import CancelPlan, FallDue, RestorePlan, StartPlan
from app.domain.retelling import MOST_TELLINGS, wait_before_telling_again
from app.domain.settlement import next_due, settle
from app.domain.shortage import notice_shortage, shortage_of
from app.domain.transaction import Transaction
from tests.domain.sample_pool import (
    BUSINESS,
    FREE,
    NOW,
    PLANS,
    apply,
    deduct,
    later,
    on_plan,
    place,
)

END = BUSINESS.period(NOW, 0).end
NEXT_END = BUSINESS.period(NOW, 1).end


def happened(pool, kind=None):
    """What happened since, of one kind or all; it is forgotten then."""
    found = [one for one in pool.happened if kind is None or isinstance(one, kind)]
    pool.happened.clear()
    return found


def spend(pool, credits, now=NOW):
    """Deduct and look for a shortage, as the ledger does."""
    line = deduct(pool, credits, now)
    notice_shortage(pool, PLANS, now)
    return line


def degrees(pool):
    """The degrees of shortage that were reached since, and what was available then."""
    return [(one.shortage.name, one.available) for one in happened(pool, FellShort)]


def closed(pool):
    """The periods that ended since."""
    return happened(pool, PeriodClosed)


@pytest.mark.parametrize(
    ("available", "allocation", "shortage"),
    [
        (1_000, 5_000, "ENOUGH"),
        (999, 5_000, "SCARCE"),
        (500, 5_000, "SCARCE"),
        (499, 5_000, "LOW"),
        (9, 20, "LOW"),
        (10, 20, "ENOUGH"),
        (1, 5, "ENOUGH"),
        (0, 5, "EXHAUSTED"),
        (1, 0, "ENOUGH"),
        (0, 0, "EXHAUSTED"),
    ],
)
def test_how_short_a_pool_is(available, allocation, shortage):
    assert shortage_of(available, allocation).name == shortage


def test_a_deduction_and_a_top_up_happened():
    pool = on_plan(BUSINESS)
    assert happened(pool) == []
    line = spend(pool, 7)
    bought = apply(pool, AddGrant(Source.TOP_UP, 50))
    apply(pool, AddGrant(Source.ADJUSTMENT, 50))
    assert happened(pool) == [line, bought]


def test_a_captured_hold_is_a_deduction_and_a_released_one_is_nothing():
    pool = on_plan(BUSINESS)
    first, second = place(pool, 10), place(pool, 10)
    line = apply(pool, Capture(first.number, 4))
    apply(pool, Release(second.number))
    assert happened(pool) == [line]


def test_a_hold_that_timed_out_happened_at_its_time_out():
    pool = on_plan(BUSINESS)
    place(pool, 10)
    settle(pool, later(hours=1), PLANS)
    (hold,) = happened(pool)
    assert isinstance(hold, Hold)
    assert (hold.state, hold.ended_at, hold.credits) == ("expired", later(minutes=15), 10)


def test_each_degree_is_said_once_in_a_period():
    pool = on_plan(BUSINESS)
    spend(pool, 4_000)
    assert degrees(pool) == []
    spend(pool, 1)
    assert degrees(pool) == [("SCARCE", 999)]
    spend(pool, 500)
    assert degrees(pool) == [("LOW", 499)]
    apply(pool, AddGrant(Source.TOP_UP, 5_000))
    spend(pool, 5_100)
    assert degrees(pool) == []
    spend(pool, 399)
    assert degrees(pool) == [("EXHAUSTED", 0)]


def test_all_degrees_are_said_when_they_are_reached_at_once():
    pool = on_plan(BUSINESS)
    spend(pool, 5_000)
    assert degrees(pool) == [("SCARCE", 0), ("LOW", 0), ("EXHAUSTED", 0)]


def test_credits_that_are_held_are_not_available():
    pool = on_plan(BUSINESS)
    place(pool, 4_600)
    notice_shortage(pool, PLANS, NOW)
    assert degrees(pool) == [("SCARCE", 400), ("LOW", 400)]


def test_a_new_period_arms_it_again():
    pool = on_plan(BUSINESS)
    spend(pool, 5_000)
    settle(pool, END, PLANS)
    assert pool.shortage is Shortage.ENOUGH
    happened(pool)
    spend(pool, 4_501, END)
    assert degrees(pool) == [("SCARCE", 499), ("LOW", 499)]


def test_what_expires_when_a_period_renews_is_no_shortage():
    """At midnight the five credits of a day expire, and the next five are there."""
    pool = on_plan(FREE)
    settle(pool, later(days=3), PLANS)
    assert degrees(pool) == []


def test_credits_that_expire_without_renewal_are_a_shortage_at_that_instant():
    pool = on_plan(BUSINESS)
    apply(pool, CancelPlan(None))
    settle(pool, NEXT_END + timedelta(days=1), PLANS)
    assert [one.at for one in happened(pool, FellShort)] == [NEXT_END] * 3


def test_a_closed_period_says_what_moved_at_its_boundary():
    pool = on_plan(BUSINESS)
    spend(pool, 1_000)
    apply(pool, AddGrant(Source.ADJUSTMENT, 70, END))
    settle(pool, END, PLANS)
    assert closed(pool) == [PeriodClosed(END, "business", Period(NOW, END), 5_000, 70)]


def test_several_periods_close_each_at_its_own_boundary():
    pool = on_plan(FREE)
    settle(pool, later(days=3), PLANS)
    found = closed(pool)
    assert [one.at.isoformat()[:10] for one in found] == ["2026-02-01", "2026-02-02", "2026-02-03"]
    assert all((one.allocated, one.expired) == (5, 5) for one in found)
    assert [one.period.end for one in found] == [one.at for one in found]


def test_what_the_cap_cuts_off_expired():
    pool = on_plan(BUSINESS)
    settle(pool, NEXT_END, PLANS)
    assert [one.expired for one in closed(pool)] == [0, 5_000]


def test_an_upgrade_closes_the_period_that_runs():
    pool = on_plan(FREE)
    apply(pool, StartPlan(BUSINESS), later(hours=1))
    (one,) = closed(pool)
    midnight = FREE.period(NOW, 0).start
    assert one == PeriodClosed(later(hours=1), "free", Period(midnight, one.at), 5_000, 0)


@pytest.mark.parametrize("ending", [CancelPlan(None), FallDue(None)])
def test_a_period_that_nothing_follows_is_closed_once(ending):
    pool = on_plan(BUSINESS)
    apply(pool, ending)
    assert next_due(pool) == END
    settle(pool, END + timedelta(hours=1), PLANS)
    assert closed(pool) == [PeriodClosed(END, "business", Period(NOW, END), 0, 0)]
    assert next_due(pool) == NEXT_END  # when its credits expire
    settle(pool, END + timedelta(hours=2), PLANS)
    apply(pool, RestorePlan(BUSINESS), END + timedelta(hours=3))
    assert closed(pool) == []


def test_a_plan_that_falls_back_closes_the_period_of_the_former():
    pool = on_plan(BUSINESS)
    apply(pool, CancelPlan("free"))
    settle(pool, END, PLANS)
    (one,) = closed(pool)
    assert (one.plan, one.allocated) == ("business", 5)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 6 * 24)), max_size=40))
def test_what_happened_is_in_order_and_each_degree_comes_once_a_period(steps):
    """Whatever is spent and however long is waited: dates never run back, degrees only rise."""
    pool, now = on_plan(BUSINESS), NOW
    for credits, hours in steps:
        now += timedelta(hours=hours)
        settle(pool, now, PLANS)
        if pool.available(now) >= credits:
            spend(pool, credits, now)
    reached = Shortage.ENOUGH
    instants = [one.at for one in pool.happened]
    assert instants == sorted(instants)
    for one in pool.happened:
        if isinstance(one, FellShort):
            assert one.shortage == reached + 1
            reached = one.shortage
        elif isinstance(one, PeriodClosed):
            reached = Shortage.ENOUGH
    lines = [one.seq for one in pool.happened if isinstance(one, Transaction)]
    assert lines == [line.seq for line in pool.lines if line.kind == "deduction"]


def test_it_is_told_again_ever_more_rarely_and_then_no_more():
    waits = [wait_before_telling_again(failures) for failures in range(1, MOST_TELLINGS + 1)]
    assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert waits[-2:] == [timedelta(hours=1), None]
    assert timedelta(hours=6) < sum(waits[:-1], timedelta()) < timedelta(hours=8)
