"""PRODUCT, The pool, 2 and 6: the order of use, and no overdraft ever."""

import pytest

from app.domain.command import Deduct
from app.domain.grant import Draw, Source, draw, first_of, less
from app.domain.refusals import InsufficientCredits
from tests.domain.sample_pool import (
    BOB,
    BUSINESS,
    NOW,
    a_grant,
    a_pool,
    apply,
    deduct,
    later,
    on_plan,
    remaining,
)


def test_the_grant_that_expires_first_is_used_first_and_those_that_never_expire_last():
    pool = a_pool(a_grant(1, 10), a_grant(2, 10, later(days=9)), a_grant(3, 10, later(days=3)))
    assert deduct(pool, 25).draws == [Draw(3, 10), Draw(2, 10), Draw(1, 5)]
    assert remaining(pool) == {3: 0, 2: 0, 1: 5}


def test_ties_go_by_the_order_of_granting():
    pool = a_pool(
        a_grant(3, 5), a_grant(1, 5), a_grant(4, 5, later(days=1)), a_grant(2, 5, later(days=1))
    )
    assert deduct(pool, 20).draws == [Draw(2, 5), Draw(4, 5), Draw(1, 5), Draw(3, 5)]


def test_carried_over_credits_then_this_cycles_allocation_then_top_ups():
    pool = on_plan(BUSINESS)
    pool.add_grant(Source.TOP_UP, 100, NOW, None)
    deduct(pool, 4_000)
    next_cycle = later(days=29)
    line = deduct(pool, 1_000 + 5_000 + 50, next_cycle)
    assert line.draws == [Draw(1, 1_000), Draw(3, 5_000), Draw(2, 50)]
    assert line.balance_after == 50


def test_a_grant_that_is_not_effective_yet_or_no_longer_pays_nothing():
    coming = a_grant(1, 10, effective_at=later(days=1))
    gone = a_grant(2, 10, NOW, effective_at=later(days=-1))
    pool = a_pool(coming, gone, a_grant(3, 4))
    assert pool.available(NOW) == 4
    assert pool.available(later(days=1)) == 14
    with pytest.raises(InsufficientCredits):
        pool.choose(5, NOW)


def test_an_overdraft_is_refused_with_the_figures_and_changes_nothing():
    pool = on_plan(BUSINESS)
    deduct(pool, 1)
    before = (pool.seq, pool.balance, pool.held, remaining(pool), len(pool.lines))
    with pytest.raises(InsufficientCredits) as refused:
        apply(pool, Deduct(5_000, BOB))
    assert refused.value.facts == {
        "available": 4_999,
        "needed": 5_000,
        "renews_at": pool.cycle.period.end,
        "who_can_top_up": [],
    }
    assert before == (pool.seq, pool.balance, pool.held, remaining(pool), len(pool.lines))


def test_the_last_credit_can_be_spent_and_not_one_more():
    pool = a_pool(a_grant(1, 2), a_grant(2, 1))
    assert deduct(pool, 3).balance_after == 0
    with pytest.raises(InsufficientCredits) as refused:
        deduct(pool, 1)
    assert refused.value.facts["available"] == 0
    assert refused.value.facts["renews_at"] is None


@pytest.mark.parametrize("needed", [1, 4, 5, 6, 9])
def test_draws_add_up_to_what_is_needed_and_never_name_an_empty_grant(needed):
    draws = draw([a_grant(1, 4), a_grant(2, 0), a_grant(3, 5)], needed)
    assert sum(credits for _, credits in draws) == needed
    assert all(credits > 0 for _, credits in draws)


def test_parts_of_draws():
    draws = [Draw(1, 4), Draw(2, 5)]
    assert draw([a_grant(1, 4), a_grant(2, 5)], 10) is None
    assert first_of(draws, 6) == [Draw(1, 4), Draw(2, 2)]
    assert first_of(draws, 0) == []
    assert less(draws, [Draw(1, 4), Draw(2, 2)]) == [Draw(2, 3)]
    assert less(draws, draws) == []
