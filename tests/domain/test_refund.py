"""PRODUCT, The pool, 7: a refund names what it reverses and restores the very grants."""

import pytest

from app.domain.command import Capture, RefundDeduction
from app.domain.grant import Draw
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from tests.domain.sample_pool import (
    BOB,
    FREE,
    NOW,
    a_grant,
    a_pool,
    apply,
    deduct,
    later,
    on_plan,
    place,
    remaining,
    told,
)


def two_grants():
    return a_pool(a_grant(1, 10, later(days=1)), a_grant(2, 10))


def refund(pool, line, credits=None, now=NOW, reason="mistake"):
    return apply(pool, RefundDeduction(line.seq, credits, reason), now)


def test_a_refund_restores_the_very_grants_and_names_what_it_reverses():
    pool = two_grants()
    paid = deduct(pool, 12)
    line = refund(pool, paid)
    assert sorted(line.draws) == sorted(paid.draws)
    assert remaining(pool) == {1: 10, 2: 10}
    assert (line.credits, line.reverses, line.reason) == (12, paid.seq, "mistake")
    assert (line.attribution, line.balance_after) == (BOB, 20)


def test_a_partial_refund_gives_back_what_was_drawn_last():
    pool = two_grants()
    paid = deduct(pool, 12)
    assert refund(pool, paid, 3).draws == [Draw(2, 2), Draw(1, 1)]
    assert remaining(pool) == {1: 1, 2: 10}
    assert refund(pool, paid, 4).draws == [Draw(1, 4)]
    assert refund(pool, paid).draws == [Draw(1, 5)]
    assert remaining(pool) == {1: 10, 2: 10}


def test_all_refunds_together_never_exceed_the_deduction():
    pool = two_grants()
    paid = deduct(pool, 12)
    refund(pool, paid, 7)
    with pytest.raises(InvalidRequest) as refused:
        refund(pool, paid, 6)
    assert refused.value.errors[0][0] == "credits"
    refund(pool, paid, 5)
    with pytest.raises(Conflict):
        refund(pool, paid)
    with pytest.raises(Conflict):
        refund(pool, paid, 1)
    assert (pool.balance, pool.seq) == (20, 3)


def test_a_refund_to_an_expired_grant_expires_at_once():
    pool = on_plan(FREE)
    paid = deduct(pool, 4)
    tomorrow = later(days=1)
    line = refund(pool, paid, now=tomorrow)
    assert (line.credits, line.draws) == (4, [Draw(1, 4)])
    assert told(pool)[-2:] == [("refund", 4, tomorrow), ("expiry", -4, tomorrow)]
    assert (pool.balance, pool.available(tomorrow)) == (5, 5)


def test_only_the_expired_part_of_a_refund_expires():
    pool = two_grants()
    paid = deduct(pool, 12)
    after = later(days=1)
    refund(pool, paid, now=after)
    assert told(pool)[-2:] == [("refund", 12, after), ("expiry", -10, after)]
    assert remaining(pool) == {1: 0, 2: 10}


def test_a_captured_hold_can_be_refunded():
    pool = two_grants()
    line = apply(pool, Capture(place(pool, 12).number, 11))
    refund(pool, line)
    assert remaining(pool) == {1: 10, 2: 10}


@pytest.mark.parametrize("what", ["allocation", "refund", "nothing"])
def test_only_a_deduction_can_be_refunded(what):
    pool = on_plan(FREE)
    paid = deduct(pool, 4)
    other = {"allocation": 1, "refund": refund(pool, paid, 1).seq, "nothing": 99}[what]
    before = (pool.seq, pool.balance)
    with pytest.raises(NotFound):
        apply(pool, RefundDeduction(other, 1, "?"))
    assert before == (pool.seq, pool.balance)
