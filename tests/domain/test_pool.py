"""PRODUCT, The pool: its lines, its books, suspension, and when it is low."""

from datetime import timedelta

import pytest

from app.domain.command import LARGEST_AMOUNT, AddGrant, Capture, Deduct, Extend, Release
from app.domain.grant import Grant, Source
from app.domain.pool import is_low
from app.domain.refusals import InsufficientCredits, InvalidRequest, WorkspaceSuspended
from tests.domain.sample_pool import (
    BOB,
    BUSINESS,
    FREE,
    NOW,
    a_grant,
    a_pool,
    apply,
    deduct,
    later,
    on_plan,
    place,
)


def test_lines_are_numbered_without_gaps_and_carry_the_running_balance():
    pool = on_plan(FREE)
    deduct(pool, 2)
    hold = place(pool, 2, later(hours=11, minutes=55))
    apply(pool, Capture(hold.number, 1), later(hours=12, minutes=1))
    apply(pool, AddGrant(Source.TOP_UP, 30), later(hours=13))
    assert [line.seq for line in pool.lines] == list(range(1, len(pool.lines) + 1))
    balance = 0
    for line in pool.lines:
        balance += line.credits
        assert line.balance_after == balance
    assert (pool.balance, pool.seq) == (balance, len(pool.lines))


def test_a_refused_command_leaves_no_gap():
    pool = on_plan(FREE)
    with pytest.raises(InsufficientCredits):
        deduct(pool, 6)
    assert deduct(pool, 1).seq == 2


def test_a_suspended_pool_spends_nothing():
    pool = on_plan(BUSINESS)
    pool.suspends_at = later(minutes=5)
    deduct(pool, 1, later(minutes=4))
    for spend in (deduct, place):
        with pytest.raises(WorkspaceSuspended):
            spend(pool, 1, later(minutes=5))
    assert (pool.balance, pool.held) == (4_999, 0)
    pool.suspends_at = None
    assert deduct(pool, 1, later(minutes=6)).balance_after == 4_998


def test_a_suspended_pool_completes_what_began_and_takes_credits_in():
    pool = on_plan(BUSINESS)
    first, second = place(pool, 10), place(pool, 20)
    pool.suspends_at = NOW
    assert apply(pool, Capture(first.number)).credits == -10
    apply(pool, Extend(second.number, timedelta(minutes=20)))
    apply(pool, Release(second.number))
    apply(pool, AddGrant(Source.TOP_UP, 100))
    assert (pool.balance, pool.held) == (5_090, 0)


@pytest.mark.parametrize("source", [Source.TOP_UP, Source.ADJUSTMENT])
def test_a_grant_enters_at_once(source):
    pool = a_pool()
    line = apply(pool, AddGrant(source, 30, later(days=1), "sorry"))
    assert (line.kind.value, line.credits, line.reason) == (source.value, 30, "sorry")
    assert pool.available(NOW) == 30


@pytest.mark.parametrize("credits", [0, -1, LARGEST_AMOUNT + 1])
def test_a_grant_of_a_senseless_size_is_refused(credits):
    pool = a_pool()
    with pytest.raises(InvalidRequest) as refused:
        apply(pool, AddGrant(Source.TOP_UP, credits))
    assert refused.value.errors[0][0] == "credits"
    assert (pool.grants, pool.grant_count, pool.seq) == ([], 0, 0)


def test_a_grant_that_would_be_over_already_is_refused():
    with pytest.raises(InvalidRequest) as refused:
        apply(a_pool(), AddGrant(Source.TOP_UP, 1, NOW))
    assert refused.value.errors[0][0] == "expires_at"


def test_every_credit_of_a_grant_is_accounted_for():
    sound = Grant(1, Source.TOP_UP, 10, 4, 3, 2, 1, NOW, None)
    assert sound.is_sound()
    assert sound.is_open()
    assert not Grant(1, Source.TOP_UP, 10, 4, 3, 2, 2, NOW, None).is_sound()
    assert not Grant(1, Source.TOP_UP, 10, -1, 8, 2, 1, NOW, None).is_sound()
    assert not Grant(1, Source.TOP_UP, 10, 0, 0, 9, 1, NOW, None).is_open()


def test_a_pool_whose_books_dont_agree_is_noticed():
    for name in ("balance", "held"):
        pool = a_pool(a_grant(1, 5))
        assert pool.is_sound()
        setattr(pool, name, getattr(pool, name) + 1)
        assert not pool.is_sound()


@pytest.mark.parametrize(
    ("available", "allocation", "low"),
    [
        (9, 5_000, True),
        (499, 5_000, True),
        (500, 5_000, False),
        (10, 100, False),
        (9, 100, True),
        (10, 300, True),
        (30, 300, False),
        (5, 5, False),
        (0, 5, True),
        (0, 0, False),
    ],
)
def test_low_is_under_ten_credits_or_under_a_tenth(available, allocation, low):
    assert is_low(available, allocation) is low


def test_deductions_carry_who_did_what():
    line = apply(a_pool(a_grant(1, 5)), Deduct(1, BOB))
    assert (line.attribution, line.at, line.reverses) == (BOB, NOW, None)
