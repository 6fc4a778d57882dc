"""Spending end to end through the verbs, on both databases."""

import pytest

from app.domain.refusals import IdempotencyConflict, InsufficientCredits
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, hold, refund, release
from app.services.credits.read import pool, pools_of, usage
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.credits.verify import verify_ledger
from app.store.history import UsageBy
from tests.conftest import START


def asked(**changes):
    return Spending(
        **{"account": "acme", "member": "bob@acme.test", "app": None, "action": "deploy", **changes}
    )


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


def test_a_deduction_takes_from_the_workspace_and_names_who_acted(acme, platform):
    done = deduct(platform, asked(quantity=3), "k1", START).value
    assert (done.credits, done.balance_after, done.member) == (3, 4997, "bob@acme.test")
    assert pool(acme.account, START).available == 4997


def test_a_repeated_key_gets_the_first_answer_and_changes_nothing(acme, platform):
    first = deduct(platform, asked(), "k1", START)
    again = deduct(platform, asked(), "k1", START)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.value == first.value
    assert pool(acme.account, START).available == 4999


def test_the_same_key_with_another_body_is_refused(acme, platform):
    deduct(platform, asked(), "k1", START)
    with pytest.raises(IdempotencyConflict):
        deduct(platform, asked(quantity=2), "k1", START)


def test_no_overdraft_and_the_refusal_says_who_can_top_up(acme, platform):
    with pytest.raises(InsufficientCredits) as refused:
        deduct(platform, asked(quantity=5001), "k1", START)
    assert refused.value.facts["available"] == 5000
    assert refused.value.facts["who_can_top_up"] == ["alice@acme.test"]


def test_hold_capture_refund_and_all_views_agree(acme, platform):
    placed = place_hold(platform, asked(quantity=10), "h1", None, START).value
    assert pool(acme.account, START).held == 10
    done = capture(platform, placed.id, 4, START).value
    assert hold(platform, placed.id, START).state == "captured"
    refund(platform, done.id, 1, "mistake", None, START)
    other = place_hold(platform, asked(), "h2", None, START).value
    release(platform, other.id, START)
    assert pool(acme.account, START).available == 4997
    assert usage(acme.account, UsageBy.MEMBER, None, None).total == 3
    assert [v.difference for v in verify_ledger()] == [None] * 5


def test_a_batch_answers_in_order_and_a_refusal_disturbs_nobody(acme, platform):
    results = deduct_many(
        platform,
        [(asked(), "a"), (asked(quantity=9999), "b"), (asked(action="nope"), "c"), (asked(), "a")],
        START,
    )
    assert results[0].value.balance_after == 4999
    assert isinstance(results[1], InsufficientCredits)
    assert results[2].code == "invalid_request"
    assert results[3].replayed
    assert [c.available for c in pools_of(acme.alice.id, START)] == [5, 4999]
