"""Purchases: the five outcomes of a pack and of a plan, and what follows from each, once."""

from datetime import timedelta
from itertools import product

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.hookspecs import Cancelled, Declined, Money, Pending, Processed, Unknown
from app.services.billing.look_after import ask_about_due, give_up, payment, payments_of
from app.services.billing.providers import Offer, offers
from app.services.billing.purchase import buy_pack
from app.services.billing.record import take_outcome
from app.services.credits.read import pool
from app.services.plugins.configure import switch
from tests.conftest import START
from tests.services.billing.engine.conftest import BACK
from tests.services.racing import at_once

MONEY = Money(2500, "EUR")
FRESH, TOPPED_UP = 5_000, 5_500


def available(cast):
    return pool(cast.acme, START).available


def test_the_ways_to_pay_that_are_there(bank):
    assert offers(START) == [Offer("bank", "Bank", charges_absent=True)]
    switch("bank", on=False)
    assert offers(START) == []


def test_processed_at_once(cast, alice, till):
    view = till.pack(alice)
    assert (view.state, view.credits, view.money) == ("processed", 500, MONEY)
    assert available(cast) == TOPPED_UP
    assert till.charges() == {view.key: 2500}
    assert till.history(cast.acme) == ["asked", "processed"]
    till.require_sound()


@pytest.mark.parametrize(
    ("fate", "state", "reason"),
    [("decline", "declined", "The bank says no."), ("be cancelled", "cancelled", None)],
)
def test_no_money_no_credits(cast, alice, till, fate, state, reason):
    till.fate(fate)
    view = till.pack(alice)
    assert (view.state, view.reason) == (state, reason)
    assert available(cast) == FRESH
    assert till.history(cast.acme) == ["asked", state]
    till.require_sound()


def test_pending_until_the_payer_paid(cast, alice, till, clock):
    till.fate("stay pending until the payer pays or gives up")
    view = till.pack(alice)
    assert (view.state, view.visit) == ("pending", "https://bank.test/pay/1")
    assert payment(alice, view.key, START).state == "pending"
    assert available(cast) == FRESH
    till.bank.end(view.key, "processed")
    assert payment(alice, view.key, START).state == "processed"
    assert payment(alice, view.key, START).visit is None
    assert available(cast) == TOPPED_UP
    till.require_sound()


def test_an_answer_that_was_lost_is_found_by_asking(cast, alice, till, later):
    till.fate("be taken, but the answer gets lost on its way back")
    view = till.pack(alice)
    assert (view.state, available(cast)) == ("unknown", FRESH)
    assert ask_about_due(later(seconds=30)) == 0
    assert ask_about_due(later(minutes=5)) == 1
    assert till.attempt(view.key).state == "processed"
    assert available(cast) == TOPPED_UP
    assert till.charges() == {view.key: 2500}
    till.require_sound()


def test_out_of_reach_it_is_asked_about_until_it_is_known(cast, alice, till, later):
    till.away()
    view = till.pack(alice)
    assert view.state == "unknown"
    for _ in range(5):
        assert ask_about_due(later(hours=12)) == 1
        assert till.attempt(view.key).state == "unknown"
    till.away(False)
    assert ask_about_due(later(hours=24)) == 1
    assert till.attempt(view.key).state == "cancelled"
    assert ask_about_due(later(days=30)) == 0
    assert (available(cast), till.charges()) == (FRESH, {})


def test_what_never_arrived_is_not_believed_too_soon(alice, till, later):
    """The page that a payer comes back to asks while the call may still be on its way."""
    till.away()
    view = till.pack(alice)
    till.away(False)
    assert payment(alice, view.key, later(seconds=20)).state == "unknown"
    assert payment(alice, view.key, later(seconds=60)).state == "cancelled"


OUTCOMES = {
    "processed": Processed("payment-9", MONEY),
    "declined": Declined("No."),
    "pending": Pending("payment-9", visit="https://bank.test/pay/9"),
    "cancelled": Cancelled(),
    "unknown": Unknown("Nobody knows."),
}


def expected_of(first, second):
    """Money that moved is final; what ended otherwise can only turn out to have moved it."""
    if "processed" in (first, second):
        return "processed"
    if first in ("declined", "cancelled") or (first, second) == ("pending", "unknown"):
        return first
    return second


def test_two_tellings_in_any_order(cast, alice, till):
    till.away()
    found, expected, money = {}, {}, 0
    for pair in product(OUTCOMES, OUTCOMES):
        key = till.pack(alice).key
        for name in pair:
            found[pair] = take_outcome(key, OUTCOMES[name], START)
        expected[pair] = expected_of(*pair)
        money += expected[pair] == "processed"
    assert found == expected
    assert available(cast) == FRESH + 500 * money
    assert till.history(cast.acme).count("processed") == money


def test_credits_arrive_once_however_many_tell_at_once(app, cast, alice, till):
    till.fate("stay pending until the payer pays or gives up")
    key = till.pack(alice).key
    told = Processed("payment-1", MONEY)
    states = at_once(app, *[lambda: take_outcome(key, told, START) for _ in range(8)])
    assert states == ["processed"] * 8
    assert available(cast) == TOPPED_UP
    assert till.history(cast.acme).count("processed") == 1


def test_another_amount_than_was_asked_for_is_not_believed(cast, alice, till):
    till.fate("stay pending until the payer pays or gives up")
    key = till.pack(alice).key
    for money in (Money(2499, "EUR"), Money(2500, "USD")):
        assert take_outcome(key, Processed("payment-1", money), START) == "pending"
    assert available(cast) == FRESH


def test_a_key_that_was_never_given(till):
    with pytest.raises(NotFound):
        take_outcome("pay-of-nobody", OUTCOMES["processed"], START)


def test_giving_up_and_giving_up_too_late(cast, alice, till):
    till.fate("stay pending until the payer pays or gives up", always=True)
    first, second = till.pack(alice), till.pack(alice)
    till.bank.end(second.key, "processed")
    assert give_up(alice, first.key, START).state == "cancelled"
    assert give_up(alice, second.key, START).state == "processed"
    assert available(cast) == TOPPED_UP
    assert [view.key for view in payments_of(alice)] == [second.key, first.key]


@pytest.mark.parametrize("who", ["carol", "bob"])
def test_only_the_owner_buys(cast, till, who):
    access = cast.access(who)
    with pytest.raises(Forbidden):
        till.pack(access)
    with pytest.raises(Forbidden):
        till.plan(access, "business")
    assert till.attempts() == []


def test_others_do_not_see_it(bob, alice, till):
    key = till.pack(alice).key
    with pytest.raises(NotFound):
        payment(bob, key, START)


def test_what_can_not_be_bought(alice, bob, till):
    with pytest.raises(InvalidRequest):
        till.pack(alice, "pack-0")
    with pytest.raises(Conflict, match="not there now"):
        buy_pack(alice, "pack-500", "cash", BACK, START)
    with pytest.raises(Conflict, match="costs nothing"):
        till.plan(bob, "free")
    with pytest.raises(InvalidRequest, match="plan with workspaces"):
        till.plan(alice, "pro")
    with pytest.raises(Conflict, match="runs already"):
        till.plan(alice, "business")
    assert till.attempts() == []


def test_the_payer_comes_back_to_the_payment(alice, till):
    key = till.pack(alice).key
    assert till.attempt(key).return_url == f"https://coffer.test/accounts/acme/payments/{key}"


def test_a_plan_begins_when_it_is_processed(own, bob, till):
    now = START + timedelta(hours=1)
    till.clock.set(now)
    till.fate("stay pending until the payer pays or gives up")
    view = till.plan(bob, "pro")
    assert pool(own, now).available == 5
    till.bank.end(view.key, "processed")
    assert payment(bob, view.key, now).state == "processed"
    assert pool(own, now).available == 305
    found = till.subscription(own)
    assert (found.plan, found.provider, found.state) == ("pro", "bank", "active")
    assert found.paid_through == 2
    till.require_sound()
