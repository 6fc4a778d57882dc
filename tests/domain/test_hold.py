"""PRODUCT, The pool, 5: only success costs; a hold completes against its own pool."""

from datetime import timedelta

import pytest

from app.domain.command import Capture, Extend, PlaceHold, Release
from app.domain.grant import Draw
from app.domain.refusals import (
    HoldNotActive,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
)
from app.domain.settlement import settle
from tests.domain.sample_pool import (
    BOB,
    FREE,
    NOW,
    PLANS,
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

MOMENT = timedelta(microseconds=1)


def two_grants():
    return a_pool(a_grant(1, 10, later(days=1)), a_grant(2, 10))


def test_a_hold_sets_credits_aside_in_order_of_use_and_writes_no_line():
    pool = two_grants()
    hold = place(pool, 12)
    assert hold.draws == [Draw(1, 10), Draw(2, 2)]
    assert (pool.balance, pool.held, pool.available(NOW)) == (20, 12, 8)
    assert (hold.state, hold.expires_at, pool.lines) == ("active", later(minutes=15), [])


def test_held_credits_cant_be_spent_or_held_again():
    pool = two_grants()
    place(pool, 12)
    with pytest.raises(InsufficientCredits):
        deduct(pool, 9)
    with pytest.raises(InsufficientCredits):
        place(pool, 9)
    assert (pool.hold_count, pool.held) == (1, 12)


def test_capture_costs_what_was_held_and_names_who_acted():
    pool = two_grants()
    hold = place(pool, 12)
    line = apply(pool, Capture(hold.number), later(minutes=5))
    assert (line.credits, line.draws, line.attribution, line.hold) == (-12, hold.draws, BOB, 1)
    stored = pool.holds[hold.number]
    assert (stored.state, stored.captured, stored.seq) == ("captured", 12, line.seq)
    assert stored.ended_at == later(minutes=5)
    assert (pool.balance, pool.held) == (8, 0)


def test_a_partial_capture_takes_what_expires_first_and_releases_the_rest():
    pool = two_grants()
    hold = place(pool, 12)
    line = apply(pool, Capture(hold.number, 11))
    assert line.draws == [Draw(1, 10), Draw(2, 1)]
    assert remaining(pool) == {1: 0, 2: 9}
    assert (pool.balance, pool.held, pool.holds[1].captured) == (9, 0, 11)


def test_no_more_can_be_captured_than_was_held():
    pool = two_grants()
    hold = place(pool, 12)
    with pytest.raises(InvalidRequest) as refused:
        apply(pool, Capture(hold.number, 13))
    assert refused.value.errors[0][0] == "credits"
    assert (pool.holds[1].state, pool.held, pool.lines) == ("active", 12, [])


def test_release_costs_nothing_and_writes_nothing():
    pool = two_grants()
    apply(pool, Release(place(pool, 12).number))
    assert remaining(pool) == {1: 10, 2: 10}
    assert (pool.balance, pool.held, pool.lines) == (20, 0, [])


def test_a_hold_times_out_at_its_instant_by_itself_and_costs_nothing():
    pool = two_grants()
    place(pool, 12)
    settle(pool, later(minutes=15) - MOMENT, PLANS)
    assert pool.holds[1].state == "active"
    settle(pool, later(hours=5), PLANS)
    assert (pool.holds[1].state, pool.holds[1].ended_at) == ("expired", later(minutes=15))
    assert (pool.held, pool.lines) == (0, [])


@pytest.mark.parametrize("command", [Capture, Release, lambda n: Extend(n, timedelta(seconds=9))])
@pytest.mark.parametrize("ending", ["captured", "released", "expired"])
def test_what_ended_stays_ended_and_the_refusal_says_how(command, ending):
    pool = two_grants()
    number = place(pool, 12).number
    now = later(minutes=15)
    if ending != "expired":
        apply(pool, {"captured": Capture, "released": Release}[ending](number))
    settle(pool, now, PLANS)
    before = (pool.balance, pool.held, pool.seq)
    with pytest.raises(HoldNotActive) as refused:
        apply(pool, command(number), now)
    assert refused.value.facts == {"state": ending}
    assert before == (pool.balance, pool.held, pool.seq)


@pytest.mark.parametrize("command", [Capture, Release, lambda n: Extend(n, timedelta(seconds=9))])
def test_a_hold_that_never_was_is_not_found(command):
    with pytest.raises(NotFound):
        apply(two_grants(), command(1))


def test_a_hold_stays_capturable_over_a_renewal_and_after_its_grant_expired():
    pool = on_plan(FREE)
    hold = place(pool, 3, later(hours=11, minutes=55))
    after = later(hours=12, minutes=5)
    settle(pool, after, PLANS)
    assert told(pool)[1:] == [("expiry", -2, later(hours=12)), ("allocation", 5, later(hours=12))]
    line = apply(pool, Capture(hold.number), after)
    assert (line.draws, line.balance_after) == ([Draw(1, 3)], 5)
    assert pool.available(after) == 5


def test_what_is_released_of_an_expired_grant_expires():
    pool = on_plan(FREE)
    hold = place(pool, 3, later(hours=11, minutes=55))
    after = later(hours=12, minutes=5)
    apply(pool, Release(hold.number), after)
    assert told(pool)[-1] == ("expiry", -3, after)
    assert (pool.balance, pool.available(after)) == (5, 5)


def test_what_is_left_of_a_partial_capture_of_an_expired_grant_expires():
    pool = on_plan(FREE)
    hold = place(pool, 3, later(hours=11, minutes=55))
    after = later(hours=12, minutes=5)
    apply(pool, Capture(hold.number, 1), after)
    assert told(pool)[-2:] == [("deduction", -1, after), ("expiry", -2, after)]
    assert pool.balance == 5


def test_a_hold_that_times_out_after_its_grant_expired_lets_the_credits_expire_then():
    pool = on_plan(FREE)
    place(pool, 3, later(hours=11, minutes=55))
    settle(pool, later(days=1), PLANS)
    assert ("expiry", -3, later(hours=12, minutes=10)) in told(pool)
    assert pool.balance == 5


def test_a_hold_that_times_out_at_the_very_instant_of_its_grants_expiry_expires_before_renewal():
    pool = on_plan(FREE)
    place(pool, 3, later(hours=11, minutes=45))
    midnight = later(hours=12)
    settle(pool, midnight, PLANS)
    assert told(pool)[1:] == [
        ("expiry", -2, midnight),
        ("expiry", -3, midnight),
        ("allocation", 5, midnight),
    ]


def test_extending_counts_from_now():
    pool = two_grants()
    hold = place(pool, 1)
    extended = apply(pool, Extend(hold.number, timedelta(minutes=20)), later(minutes=14))
    assert extended.expires_at == pool.holds[1].expires_at == later(minutes=34)
    assert (pool.holds[1].lasts, pool.holds[1].created_at) == (timedelta(minutes=15), NOW)


def test_a_hold_lives_a_day_at_most():
    pool = two_grants()
    hold = place(pool, 1)
    longest = timedelta(days=1) - timedelta(minutes=10)
    with pytest.raises(InvalidRequest) as refused:
        apply(pool, Extend(hold.number, longest + MOMENT), later(minutes=10))
    assert refused.value.errors[0][0] == "expires_in"
    assert pool.holds[1].expires_at == later(minutes=15)
    extended = apply(pool, Extend(hold.number, longest), later(minutes=10))
    assert extended.expires_at == later(days=1)


def test_a_hold_keeps_the_price_it_started_with():
    pool = two_grants()
    hold = PlaceHold(4, BOB, timedelta(minutes=15)).apply(pool, NOW)
    assert apply(pool, Capture(hold.number)).credits == -4


def test_an_answer_does_not_change_with_what_becomes_of_the_hold():
    pool = two_grants()
    placed = place(pool, 4)
    extended = apply(pool, Extend(placed.number, timedelta(minutes=20)))
    released = apply(pool, Release(placed.number))
    assert [hold.state for hold in (placed, extended, released)] == [
        "active",
        "active",
        "released",
    ]
    assert (placed.expires_at, extended.expires_at) == (later(minutes=15), later(minutes=20))
