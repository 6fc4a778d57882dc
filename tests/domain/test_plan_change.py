"""Plan changes: up at once, down at the period's end, and what a missing payment does."""

from datetime import timedelta

import pytest

from app.domain.catalogue import Plan
from app.domain.command import AddGrant, Capture, Deduct
from app.domain.grant import Source
from app.domain.period import Renews
from app.domain.plan_change import (
    GRACE,
    CancelPlan,
    ChangeAtPeriodEnd,
    FallDue,
    RestorePlan,
    ResumePlan,
    StartPlan,
)
from app.domain.refusals import Conflict, WorkspaceSuspended
from app.domain.settlement import settle
from tests.domain.sample_pool import BOB, BUSINESS, FREE, NOW, a_pool, later, on_plan, place, told

PRO = Plan("pro", "Pro", 300, Renews.MONTHLY, 600, workspaces=False)
PLANS = {plan.key: plan for plan in (FREE, PRO, BUSINESS)}
SECOND = timedelta(seconds=1)


def do(pool, command, now=NOW):
    settle(pool, now, PLANS)
    outcome = command.apply(pool, now)
    assert pool.is_sound()
    return outcome


def spend(pool, credits, now):
    return do(pool, Deduct(credits, BOB), now)


def test_an_upgrade_grants_at_once_and_counts_from_now():
    pool, now = on_plan(PRO), later(days=10)
    spend(pool, 100, now)
    cycle = do(pool, StartPlan(BUSINESS), now)
    assert (cycle.plan, cycle.anchor, cycle.index, cycle.number) == ("business", now, 0, 2)
    assert cycle.period == BUSINESS.period(now, 0)
    assert pool.available(now) == 200 + 5_000
    opened = pool.opened[-1]
    assert (opened.granted, opened.carried, opened.trimmed) == (5_000, 200, 0)


def test_what_is_carried_into_an_upgrade_keeps_its_expiry():
    pool, now = on_plan(PRO), later(days=10)
    do(pool, StartPlan(BUSINESS), now)
    assert [grant.expires_at for grant in pool.grants] == [
        PRO.period(NOW, 1).end,
        BUSINESS.period(now, 1).end,
    ]


def test_an_upgrade_over_the_cap_trims_allocations_and_keeps_what_was_bought():
    pool = on_plan(Plan("huge", "Huge", 9_000, Renews.MONTHLY, 20_000, workspaces=True))
    do(pool, AddGrant(Source.TOP_UP, 700))
    do(pool, StartPlan(BUSINESS), later(days=1))
    assert pool.available(later(days=1)) == 10_000 + 700
    assert pool.opened[-1].trimmed == 4_000


def test_a_downgrade_waits_for_the_periods_end_and_keeps_the_calendar():
    pool = on_plan(BUSINESS)
    end = pool.cycle.period.end
    do(pool, ChangeAtPeriodEnd("pro"), later(days=3))
    settle(pool, end - SECOND, PLANS)
    assert (pool.cycle.plan, pool.balance) == ("business", 5_000)
    settle(pool, end, PLANS)
    assert (pool.cycle.plan, pool.cycle.anchor, pool.cycle.index) == ("pro", NOW, 1)
    assert pool.cycle.period == PRO.period(NOW, 1)
    assert pool.balance == 600


def test_falling_back_on_a_daily_plan_begins_its_first_day_at_the_boundary():
    pool = on_plan(PRO)
    end = pool.cycle.period.end
    do(pool, CancelPlan("free"), later(days=3))
    settle(pool, end + timedelta(hours=20), PLANS)
    first, second = pool.opened[-2:]
    midnight = end.replace(hour=0) + timedelta(days=1)
    assert (first.period.start, first.period.end) == (end, midnight)
    assert (second.period.start, second.period.end) == (midnight, midnight + timedelta(days=1))
    assert (first.plan, second.plan) == ("free", "free")


def test_a_change_may_be_taken_back_until_the_periods_end():
    pool = on_plan(BUSINESS)
    for change in (ChangeAtPeriodEnd("pro"), CancelPlan(), CancelPlan("free")):
        do(pool, change)
        do(pool, ResumePlan(), pool.cycle.period.end - SECOND)
        assert (pool.cycle.next_plan, pool.cycle.renews, pool.suspends_at) == (None, True, None)
    settle(pool, pool.cycle.period.end, PLANS)
    assert (pool.cycle.plan, pool.balance) == ("business", 10_000)


def test_choosing_the_present_plan_keeps_it():
    pool = on_plan(BUSINESS)
    do(pool, ChangeAtPeriodEnd("pro"))
    assert do(pool, ChangeAtPeriodEnd("business")).next_plan is None


def test_a_cancelled_pool_can_be_spent_through_the_grace_and_not_after():
    pool = on_plan(BUSINESS)
    do(pool, AddGrant(Source.TOP_UP, 40))
    end = pool.cycle.period.end
    do(pool, CancelPlan())
    running = place(pool, 10, end + GRACE - SECOND)
    spend(pool, 1, end + GRACE - SECOND)
    with pytest.raises(WorkspaceSuspended):
        spend(pool, 1, end + GRACE)
    assert len(pool.opened) == 1
    do(pool, Capture(running.number), end + GRACE + timedelta(minutes=10))
    settle(pool, later(days=400), PLANS)
    assert pool.available(later(days=400)) == 40


@pytest.mark.parametrize("command", [CancelPlan(), ResumePlan(), ChangeAtPeriodEnd("pro")])
def test_what_has_ended_is_not_changed_but_restored(command):
    pool = on_plan(BUSINESS)
    do(pool, CancelPlan())
    with pytest.raises(Conflict):
        do(pool, command, pool.cycle.period.end)


def test_a_pool_without_a_plan_has_nothing_to_change():
    with pytest.raises(Conflict):
        do(a_pool(), CancelPlan())


def test_a_missing_payment_stops_renewal_and_starts_the_grace_once():
    pool, told_at = on_plan(BUSINESS), later(days=1)
    do(pool, FallDue(), told_at)
    do(pool, FallDue(), later(days=3))
    assert pool.suspends_at == told_at + GRACE
    with pytest.raises(WorkspaceSuspended):
        spend(pool, 1, told_at + GRACE)
    settle(pool, later(days=300), PLANS)
    assert (len(pool.opened), pool.balance) == (1, 0)


def test_paying_within_the_period_goes_on_with_it():
    pool = on_plan(BUSINESS)
    end = pool.cycle.period.end
    do(pool, FallDue(), later(days=1))
    do(pool, RestorePlan(BUSINESS), later(days=20))
    assert (pool.cycle.period.end, pool.cycle.renews, pool.suspends_at) == (end, True, None)
    spend(pool, 5_000, later(days=20))
    settle(pool, end, PLANS)
    assert pool.balance == 5_000


def test_paying_after_the_period_opens_one_that_counts_from_the_payment():
    pool, paid_at = on_plan(BUSINESS), later(days=100)
    do(pool, AddGrant(Source.TOP_UP, 40))
    do(pool, FallDue(), later(days=1))
    cycle = do(pool, RestorePlan(BUSINESS), paid_at)
    assert (cycle.anchor, cycle.index, cycle.number) == (paid_at, 0, 2)
    assert (pool.suspends_at, pool.available(paid_at)) == (None, 5_040)
    assert [at for _, _, at in told(pool)] == sorted(at for _, _, at in told(pool))


def test_a_missing_payment_of_who_has_a_plan_to_fall_back_on():
    pool = on_plan(PRO)
    end = pool.cycle.period.end
    do(pool, FallDue("free"), later(days=1))
    with pytest.raises(WorkspaceSuspended):
        spend(pool, 1, later(days=8))
    spend(pool, 1, end)
    assert (pool.cycle.plan, pool.suspends_at) == ("free", None)
    restored = do(pool, RestorePlan(PRO), end + timedelta(days=2))
    assert (restored.plan, restored.anchor) == ("pro", end + timedelta(days=2))


def test_a_plan_whose_calendar_the_operator_changed_counts_from_the_boundary():
    pool = on_plan(FREE)
    settle(pool, later(days=40), PLANS)
    boundary = pool.cycle.period.end
    monthly = {"free": Plan("free", "Free", 5, Renews.MONTHLY, None, workspaces=False)}
    settle(pool, boundary, monthly)
    assert pool.cycle.period == monthly["free"].period(boundary, 0)
