"""PRODUCT, The pool, 9: exactly once."""

from datetime import timedelta

import pytest

from app.domain.grant import Source
from app.domain.refusals import IdempotencyConflict, InsufficientCredits, InvalidRequest
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, extend, refund
from app.services.credits.grant import grant_credits
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.purge import purge
from app.store.catalogue import PriceRow
from app.store.database import add, db, transaction
from app.store.pools import KEYS, POOLS
from tests.conftest import START

LATER = START + timedelta(hours=1)


@pytest.fixture
def platform(acme, service_token):
    return caller_of(service_token, START)


def asked(account="acme", **more):
    return Spending(
        **{"account": account, "member": "alice@acme.test", "app": None, "action": "deploy", **more}
    )


def set_pools(**values):
    with db.engine.begin() as connection:
        connection.execute(POOLS.update().values(**values))


def test_a_refusal_is_not_kept_and_may_be_tried_again(platform):
    dear = asked("alice", quantity=6)
    with pytest.raises(InsufficientCredits):
        deduct(platform, dear, "k", START)
    grant_credits("alice", 1, Source.TOP_UP, None, None, START)
    done = deduct(platform, dear, "k", START)
    assert (done.replayed, done.value.balance_after) == (False, 0)


def test_a_repeat_gets_the_first_answer_though_it_would_be_refused_now(platform):
    first = deduct(platform, asked("alice", quantity=5), "k", START).value
    assert deduct(platform, asked("alice", quantity=5), "k", LATER).value == first
    set_pools(suspends_at=START)
    again = deduct(platform, asked("alice", quantity=5), "k", LATER)
    assert (again.replayed, again.value) == (True, first)


def test_a_repeat_gets_the_first_price(platform):
    first = deduct(platform, asked(), "k", START).value
    with transaction():
        add(PriceRow(action="deploy", version=2, credits=7, effective_from=START))
    assert deduct(platform, asked(), "k", LATER).value == first
    assert deduct(platform, asked(), "other", LATER).value.credits == 7


def test_a_repeated_hold_is_answered_as_it_was_placed(platform):
    first = place_hold(platform, asked(quantity=4), "h", 60, START).value
    extend(platform, first.id, 600, START)
    capture(platform, first.id, 1, START)
    again = place_hold(platform, asked(quantity=4), "h", 60, LATER)
    assert (again.replayed, again.value) == (True, first)
    with pytest.raises(IdempotencyConflict):
        place_hold(platform, asked(quantity=4), "h", 61, LATER)


def test_a_refund_with_a_key_is_made_once(platform):
    paid = deduct(platform, asked(quantity=4), "k", START).value
    first = refund(platform, paid.id, 1, "mistake", "r", START)
    again = refund(platform, paid.id, 1, "mistake", "r", LATER)
    assert (first.replayed, again.replayed, again.value) == (False, True, first.value)
    with pytest.raises(IdempotencyConflict):
        refund(platform, paid.id, 2, "mistake", "r", LATER)
    assert pool_of(platform) == 4_997


def pool_of(platform):
    return deduct(platform, asked(), "probe", START).value.balance_after + 1


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": 2},
        {"action": "refine.simple"},
        {"member": "bob@acme.test"},
        {"metadata": {"a": 1}},
    ],
)
def test_every_part_of_the_body_counts(platform, other):
    deduct(platform, asked(), "k", START)
    with pytest.raises(IdempotencyConflict):
        deduct(platform, asked(**other), "k", START)


def test_the_order_of_metadata_does_not_count(platform):
    deduct(platform, asked(metadata={"a": 1, "b": 2}), "k", START)
    assert deduct(platform, asked(metadata={"b": 2, "a": 1}), "k", START).replayed


def test_a_deductions_key_does_not_do_for_a_hold(platform):
    deduct(platform, asked(), "k", START)
    with pytest.raises(IdempotencyConflict):
        place_hold(platform, asked(), "k", None, START)


def test_keys_belong_to_a_pool(platform):
    assert not deduct(platform, asked(), "k", START).replayed
    assert not deduct(platform, asked("alice"), "k", START).replayed


def test_a_key_twice_in_one_batch_is_charged_once(platform):
    first, again, other, dear, broken = deduct_many(
        platform,
        [
            (asked(), "k"),
            (asked(), "k"),
            (asked(quantity=2), "k"),
            (asked(quantity=9_999), "k2"),
            (asked(quantity=0), "k3"),
        ],
        START,
    )
    assert (first.replayed, again.replayed, again.value) == (False, True, first.value)
    assert isinstance(other, IdempotencyConflict)
    assert isinstance(dear, InsufficientCredits)
    assert isinstance(broken, InvalidRequest)
    assert not deduct(platform, asked(), "k2", START).replayed


def test_a_batch_longer_than_one_transaction_is_answered_in_order(platform):
    wanted = [(asked(metadata={"n": n}), f"k{n % 1_500}") for n in range(1_600)]
    results = deduct_many(platform, wanted[:1_500], START)
    assert [done.value.metadata["n"] for done in results] == list(range(1_500))
    assert [done.value.seq for done in results] == list(range(2, 1_502))
    mixed = deduct_many(platform, wanted[1_400:], START)
    assert [done.replayed for done in mixed[:100]] == [True] * 100
    assert all(isinstance(done, IdempotencyConflict) for done in mixed[100:])
    assert pool_of(platform) == 3_500


def test_keys_are_purged_after_their_time_and_no_sooner(platform):
    deduct(platform, asked(), "old", START)
    deduct(platform, asked(), "young", START + timedelta(seconds=1))
    purge(90, 30, START + timedelta(days=90))
    assert kept() == {"old", "young"}
    purge(90, 30, START + timedelta(days=90, seconds=1))
    assert kept() == {"young"}
    assert deduct(platform, asked(), "young", START).replayed
    assert not deduct(platform, asked(), "old", START).replayed


def kept():
    with db.engine.connect() as connection:
        return {row.key for row in connection.execute(KEYS.select())}


def test_the_views_agree_at_the_end(acme, platform):
    deduct(platform, asked(quantity=3), "k", START)
    deduct(platform, asked(quantity=3), "k", START)
    assert pool(acme.account, START).available == 4_997
