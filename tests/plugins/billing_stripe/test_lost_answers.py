"""The way to Stripe breaks: nobody pays twice, and what became of it is found out."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import stripe

from app.hookspecs import Cancelled, Declined, Pending, Processed, Refund, Unknown
from app.services.billing.providers import SECONDS
from plugins.billing_stripe import api, patience
from plugins.billing_stripe.attempts import SETTLED_AFTER


def failure(status, code=None, kind="api_error"):
    return status, {"error": {"type": kind, "code": code, "message": "x"}}, {}


def test_the_sdk_tries_again_under_the_same_key(bench, account, absent):
    bench.retries = 1
    account.answers_to_lose = 1
    assert isinstance(bench.provider.charge(absent), Processed)
    assert len(account.all("charge")) == 1


def test_a_refund_whose_answer_was_lost_is_found(bench, stand_in, account, absent):
    payment = bench.provider.charge(absent).reference
    account.answers_to_lose = 1
    refund = Refund("refund-1", payment, replace(absent.money, amount=900), "Bought twice.")
    assert isinstance(bench.provider.refund(refund), Unknown)
    found = bench.provider.find_refund(refund.key, None)
    assert isinstance(found, Processed)
    stand_in.forget_keys(bench.settings["secret_key"])
    assert bench.provider.refund(refund) == found
    assert account.requests[-1][:2] == ("GET", f"/v1/refunds/{found.reference}")
    assert len(account.all("refund")) == 1


def test_what_can_not_be_given_back_is_not_asked_for(bench, account, absent):
    refund = Refund("refund-1", "cs_test_1", absent.money, "Bought twice.")
    assert isinstance(bench.provider.refund(refund), Declined)
    assert account.requests == []


def test_what_was_kept_first_stays(bench):
    """Of two that begin under one key, both go on with the request of the first."""
    attempts = bench.provider._attempts
    first = attempts.begin("k", "saved", "cus_1", {"amount": 1})
    assert attempts.begin("k", "saved", "cus_2", {"amount": 2}) == first


@pytest.mark.parametrize("present", [True, False])
def test_after_a_day_the_key_is_forgotten_and_still_nobody_pays_twice(
    bench, stand_in, account, charge, absent, present
):
    asked = charge if present else absent
    account.answers_to_lose = 2 if present else 1
    for _ in range(account.answers_to_lose):
        assert isinstance(bench.provider.charge(asked), Unknown)
    first = bench.provider.charge(asked)
    stand_in.forget_keys(bench.settings["secret_key"])
    assert bench.provider.charge(asked) == first
    assert isinstance(first, Pending if present else Processed)
    assert len(account.all("checkout.session" if present else "charge")) == 1


def test_while_stripe_may_be_at_work_nothing_is_said_to_be_over(bench, account, absent):
    provider = bench.provider
    provider._api.pay = lost(account, provider._api.pay)
    assert isinstance(provider.charge(absent), Unknown)
    assert isinstance(bench.provider.find_charge(absent.key, None), Unknown)
    assert isinstance(bench.provider.cancel_charge(absent.key, None), Unknown)
    bench._lateness += SETTLED_AFTER - timedelta(seconds=10)
    assert isinstance(bench.provider.find_charge(absent.key, None), Unknown)
    bench._lateness += timedelta(seconds=10)
    assert bench.provider.find_charge(absent.key, None) == Cancelled()


def lost(account, pay):
    def nothing_arrives(*asked):
        account.is_away = True
        try:
            return pay(*asked)
        finally:
            account.is_away = False

    return nothing_arrives


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (failure(500), "Stripe failed"),
        (failure(503), "Stripe failed"),
        (failure(429, "rate_limit", "invalid_request_error"), "asked too often"),
        (failure(429, "lock_timeout", "invalid_request_error"), "asked too often"),
        (failure(409, "idempotency_key_in_use", "idempotency_error"), "Stripe failed"),
        (failure(400, None, "idempotency_error"), "with another request"),
        (failure(401, None, "invalid_request_error"), "does not accept the secret key"),
        (failure(403, None, "invalid_request_error"), "not allowed"),
        ((200, "no JSON object", {}), "Stripe"),
    ],
)
def test_what_stripe_does_not_decide_is_unknown(bench, account, absent, answer, words):
    provider = bench.provider
    pay = provider._api.pay

    def failing(*asked):
        account.failures.append(answer)
        return pay(*asked)

    provider._api.pay = failing
    outcome = bench_asked(provider, absent)
    assert isinstance(outcome, Unknown)
    assert words in outcome.reason
    bench._lateness += SETTLED_AFTER
    assert bench.provider.find_charge(absent.key, None) == Cancelled()
    assert isinstance(bench.provider.charge(absent), Processed)


def bench_asked(provider, charge):
    try:
        return provider.charge(charge)
    except Exception as error:  # noqa: BLE001 - what is raised counts as unknown, too
        return Unknown(f"Stripe: {error}")


def test_a_list_that_is_too_long_to_look_at_says_nothing(bench, account, absent, monkeypatch):
    """Better unknown than cancelled, when it may stand further down."""
    for number in range(3):
        bench.provider.charge(replace(absent, key=f"other-{number}"))
    account.answers_to_lose = 1
    bench.provider.charge(absent)
    bench.provider.charge(replace(absent, key="newer"))
    monkeypatch.setattr(api, "MOST_TO_LOOK_AT", 1)
    bench.come_back()
    assert isinstance(bench.provider.find_charge(absent.key, None), Unknown)
    monkeypatch.undo()
    assert isinstance(bench.provider.find_charge(absent.key, None), Processed)


def test_two_at_once_under_one_key_pay_once(bench, account, absent):
    bench.retries = 1
    provider, outcomes = bench.provider, []
    both = [
        threading.Thread(target=lambda: outcomes.append(provider.charge(absent))) for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(account.all("charge")) == 1
    assert any(isinstance(each, Processed) for each in outcomes)
    assert all(isinstance(each, Processed | Unknown) for each in outcomes)


def test_a_slow_stripe_is_not_waited_for_longer_than_the_call_has(
    bench, account, absent, monkeypatch
):
    bench.retries = 1
    monkeypatch.setattr(patience, "READ_SECONDS", 0.2)
    account.seconds_of_delay = 0.6
    began = time.monotonic()
    with patience.within(0.5):
        outcome = bench.provider.find_charge(absent.key, "pi_1")
    assert isinstance(outcome, Unknown)
    assert time.monotonic() - began < 3
    assert "could not be reached" in outcome.reason


def test_all_of_a_call_fits_into_what_coffer_waits():
    """A request that begins in the last moment has no more time than there is left."""
    with patience.within():
        assert patience._timeouts() == (patience.CONNECT_SECONDS, patience.READ_SECONDS)
    for left in (10.0, 4.0, 1.0, 0.1):
        with patience.within(left):
            assert 0 < sum(patience._timeouts()) <= left
    with patience.within(0), pytest.raises(requests.Timeout):
        patience._timeouts()
    assert patience.CALL_SECONDS + stripe.HTTPClient.MAX_DELAY / 5 < SECONDS


def test_nobody_is_followed_elsewhere(bench, stand_in, account, absent):
    """A redirect would take the secret key along."""
    account.failures.append((307, {}, {"Location": f"{stand_in.url}/v1/customers/elsewhere"}))
    assert isinstance(bench_asked(bench.provider, absent), Unknown)
    assert account.requests == []


def test_no_cookie_is_kept(bench, account, absent):
    provider = bench.provider
    account.failures.append((500, {}, {"Set-Cookie": "a=b; Path=/"}))
    bench_asked(provider, absent)
    session = provider._api._client._requestor._client._session
    assert len(session.cookies) == 0


def test_cancelling_while_stripe_is_away_is_unknown(bench, account, charge):
    pending = bench.provider.charge(charge)
    bench.go_away()
    assert isinstance(bench.provider.cancel_charge(charge.key, pending.reference), Unknown)
    bench.come_back()
    assert isinstance(bench.provider.find_charge(charge.key, pending.reference), Pending)
