"""The rules of limits: whom they concern, what counts, what is refused, what is crossed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.command import Capture, Deduct, PlaceHold, RefundDeduction, Release
from app.domain.limit import (
    EVER,
    Guard,
    Limit,
    LimitEffect,
    LimitMet,
    LimitPer,
    LimitWho,
    Spent,
    Sums,
    windows_at,
)
from app.domain.refusals import InsufficientCredits, LimitReached, WorkspaceSuspended
from app.domain.transaction import Attribution
from tests.domain.sample_pool import BUSINESS, NOW, later, on_plan

BOB, BEN, SHOP = 2, 3, 1
BLOCK, ALERT = LimitEffect.BLOCK, LimitEffect.ALERT
DAY, CYCLE = LimitPer.DAY, LimitPer.CYCLE


def who(member=BOB, app=SHOP):
    return Attribution(member, app, "deploy", 1)


def a_limit(who, credits, subject=None, effect=BLOCK, per=DAY, number=1):
    return Limit(number, LimitWho(who), subject, effect, credits, per)


def guarded(*limits, used=(), held=()):
    """A pool of 5,000 credits with these limits, and what counted before."""
    pool = on_plan(BUSINESS)
    windows = windows_at(NOW, pool.cycle.period)
    spent = Spent(pool.seq, NOW.date(), windows[CYCLE].start, {DAY: Sums(), CYCLE: Sums()})
    for each in used:
        spent.add(*each, NOW)
    sums = Sums()
    for each in held:
        sums.add(*each)
    pool.guard = Guard(limits, windows, spent, sums, set())
    return pool


def crossed(pool):
    return [one.standing for one in pool.happened if isinstance(one, LimitMet)]


@pytest.mark.parametrize(
    ("limit", "stopped", "free"),
    [
        (a_limit("account", 10), [who(), who(BEN), who(None)], []),
        (a_limit("each_member", 10), [who(), who(BEN)], [who(None)]),
        (a_limit("member", 10, BOB), [who()], [who(BEN), who(None)]),
        (a_limit("app", 10, SHOP), [who(), who(None)], [who(app=9), who(app=None)]),
    ],
)
def test_whom_a_limit_concerns(limit, stopped, free):
    for one in stopped:
        with pytest.raises(LimitReached):
            Deduct(11, one).apply(guarded(limit), NOW)
    for one in free:
        assert Deduct(11, one).apply(guarded(limit), NOW).credits == -11


def test_what_is_there_can_be_used_up_to_the_last_credit():
    pool = guarded(a_limit("each_member", 10), used=[(BOB, SHOP, 4)], held=[(BOB, None, 3)])
    with pytest.raises(LimitReached):
        Deduct(4, who()).apply(pool, NOW)
    Deduct(3, who()).apply(pool, NOW)
    with pytest.raises(LimitReached):
        Deduct(1, who()).apply(pool, NOW)
    Deduct(10, who(BEN)).apply(pool, NOW)  # Ben has a day of his own


def test_the_refusal_says_which_limit_what_is_left_and_when_it_begins_anew():
    pool = guarded(a_limit("each_member", 10, number=7), used=[(BOB, SHOP, 8)])
    with pytest.raises(LimitReached) as caught:
        Deduct(3, who()).apply(pool, NOW)
    assert caught.value.facts == {
        "limit": {"id": "limit_7", "who": "each_member", "per": "day", "credits": 10},
        "left": 2,
        "needed": 3,
        "resets_at": NOW.replace(hour=0) + timedelta(days=1),
        "who_can_raise": [],
    }
    assert caught.value.detail == (
        "Each member may use 10 credits a day: 2 of them are left, and this needs 3. It begins"
        " anew at midnight UTC; the owner can raise it before."
    )
    assert (pool.lines[1:], pool.held, pool.guard.fresh.total) == ([], 0, 0)


def test_holds_count_while_they_run_and_capture_never_asks():
    pool = guarded(a_limit("account", 10))
    hold = PlaceHold(10, who(), timedelta(minutes=5)).apply(pool, NOW)
    with pytest.raises(LimitReached):
        PlaceHold(1, who(), timedelta(minutes=5)).apply(pool, NOW)
    Capture(hold.number, 4).apply(pool, NOW)
    second = PlaceHold(6, who(), timedelta(minutes=5)).apply(pool, NOW)
    with pytest.raises(LimitReached):
        Deduct(1, who()).apply(pool, NOW)
    Release(second.number).apply(pool, NOW)
    Deduct(6, who()).apply(pool, NOW)


def test_a_capture_completes_though_the_limit_was_lowered_meanwhile():
    pool = guarded(a_limit("account", 10))
    hold = PlaceHold(10, who(), timedelta(minutes=5)).apply(pool, NOW)
    pool.guard = replace(pool.guard, limits=(a_limit("account", 1),))
    assert Capture(hold.number).apply(pool, NOW).credits == -10


def test_a_refund_gives_room_back():
    pool = guarded(a_limit("app", 10, SHOP))
    line = Deduct(10, who()).apply(pool, NOW)
    RefundDeduction(line.seq, 4, "mistake").apply(pool, NOW)
    with pytest.raises(LimitReached):
        Deduct(5, who()).apply(pool, NOW)
    Deduct(4, who()).apply(pool, NOW)


def test_the_tightest_of_several_limits_holds():
    limits = (a_limit("account", 50, per=CYCLE), a_limit("each_member", 10, number=2))
    pool = guarded(*limits, used=[(BEN, None, 45)])
    with pytest.raises(LimitReached, match="All together may use 50 credits a cycle"):
        Deduct(6, who()).apply(pool, NOW)
    Deduct(5, who()).apply(pool, NOW)


def test_an_alert_is_crossed_by_whoever_reaches_it():
    pool = guarded(a_limit("each_member", 10, effect=ALERT))
    Deduct(9, who()).apply(pool, NOW)
    assert crossed(pool) == []
    PlaceHold(1, who(), timedelta(minutes=5)).apply(pool, NOW)
    Deduct(5, who()).apply(pool, NOW)
    assert [(one.subject, one.counted) for one in crossed(pool)] == [(BOB, 10)]


def test_what_is_refused_crosses_no_alert():
    limits = (a_limit("account", 10, effect=ALERT), a_limit("account", 20, number=2))
    pool = guarded(*limits)
    with pytest.raises(LimitReached):
        Deduct(21, who()).apply(pool, NOW)
    pool.guard = replace(pool.guard, limits=limits[:1])
    with pytest.raises(InsufficientCredits):
        Deduct(6_000, who()).apply(pool, NOW)
    assert crossed(pool) == []


def test_a_limit_is_named_before_missing_credits_and_after_a_suspension():
    pool = guarded(a_limit("account", 10))
    with pytest.raises(LimitReached):
        Deduct(6_000, who()).apply(pool, NOW)
    pool.suspends_at = NOW
    with pytest.raises(WorkspaceSuspended):
        Deduct(11, who()).apply(pool, NOW)


def test_a_block_is_first_met_once_in_a_window():
    guard = guarded(a_limit("account", 10)).guard
    with pytest.raises(LimitReached) as caught:
        guard.require_room(11, who(), NOW)
    assert [guard.first_met(caught.value.standing) for _ in range(2)] == [True, False]


def test_days_end_at_midnight_and_cycles_go_on():
    spent = Spent(1, date(2026, 1, 31), NOW, {DAY: Sums(), CYCLE: Sums()})
    spent.add(BOB, None, 5, NOW)
    spent.add(BOB, SHOP, 7, later(days=1))
    spent.add(BOB, SHOP, -2, later(days=1))
    assert (spent.used[DAY].total, spent.used[CYCLE].total) == (5, 10)
    assert spent.used[DAY].of(LimitWho.APP, SHOP) == 5
    assert spent.size() == 6


def test_a_pool_without_a_period_counts_from_its_beginning():
    assert windows_at(NOW, None)[CYCLE] == (EVER, None)
