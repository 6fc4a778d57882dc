"""PRODUCT, The pool, 10: what a pool was at any past instant can be told from its lines."""

from copy import deepcopy

from app.domain.command import AddGrant, Capture, RefundDeduction, Release
from app.domain.grant import Source
from app.domain.rewind import rewind
from tests.domain.sample_pool import FREE, NOW, apply, deduct, later, on_plan, place

PARTS = ("number", "granted", "remaining", "held", "used", "expired")


def seen(grants):
    return [tuple(getattr(grant, part) for part in PARTS) for grant in grants if grant.is_open()]


def test_each_step_of_a_history_can_be_seen_again():
    pool = on_plan(FREE)
    remembered = {}

    def step(minutes, deed):
        at = later(minutes=minutes)
        deed(at)
        remembered[at] = seen(pool.grants)

    step(1, lambda at: apply(pool, AddGrant(Source.TOP_UP, 50), at))
    step(2, lambda at: deduct(pool, 7, at))
    step(3, lambda at: place(pool, 10, at, minutes=1_000))
    step(4, lambda at: apply(pool, RefundDeduction(3, 6, "x"), at))
    step(5, lambda at: place(pool, 2, at, minutes=1_000))
    step(800, lambda at: apply(pool, Capture(1, 4), at))
    step(801, lambda at: place(pool, 1, at, minutes=5))
    step(802, lambda at: apply(pool, Release(2), at))
    step(2_000, lambda at: deduct(pool, 1, at))
    for at, expected in remembered.items():
        grants = [deepcopy(grant) for grant in pool.grants if grant.effective_at <= at]
        since = [line for line in pool.lines if line.at > at]
        then = [
            hold
            for hold in pool.holds.values()
            if hold.created_at <= at and (hold.ended_at is None or hold.ended_at > at)
        ]
        assert seen(rewind(grants, since, then)) == expected


def test_before_anything_was_granted_there_is_nothing():
    pool = on_plan(FREE)
    deduct(pool, 1)
    assert rewind([], pool.lines, []) == []
    assert pool.grants[0].effective_at == NOW
