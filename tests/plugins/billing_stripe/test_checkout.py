"""Payers at a browser: a page of Stripe's, what comes of it, and what is remembered of them."""

from dataclasses import replace

import pytest

from app.hookspecs import Cancelled, Declined, Money, Pending, Processed, TaxLine
from plugins.billing_stripe.stand_in import world
from plugins.billing_stripe.stand_in.checkout import end_bank, try_bank, try_card
from plugins.billing_stripe.stand_in.payments import make_customer


def session_of(account, charge):
    return account.with_key("checkout.session", charge.key)


def test_the_page_names_what_is_paid_and_saves_the_card(bench, account, charge):
    outcome = bench.provider.charge(charge)
    session = session_of(account, charge)
    assert outcome == Pending(
        session["id"], visit=session["url"], payer_reference=session["customer"]
    )
    (asked,) = [given for _, path, given in account.requests if path.endswith("/sessions")]
    assert asked["client_reference_id"] == charge.key
    assert asked["success_url"] == asked["cancel_url"] == charge.return_url
    assert asked["payment_intent_data"]["setup_future_usage"] == "off_session"
    assert asked["line_items"][0]["price_data"]["unit_amount"] == "4900"
    assert asked["adaptive_pricing"] == {"enabled": "false"}
    world.pay(account, charge.key)
    saved = account.all("payment_method", customer=session["customer"])
    assert len(saved) == 1


def test_a_card_that_fails_leaves_the_page_open(bench, account, charge):
    pending = bench.provider.charge(charge)
    try_card(account, session_of(account, charge), world.BAD)
    assert bench.provider.find_charge(charge.key, pending.reference) == pending
    told = [event for each in bench.deliveries() for event in bench.provider.read_events(each)]
    assert told == []
    world.pay(account, charge.key)
    assert isinstance(bench.provider.find_charge(charge.key, pending.reference), Processed)


def test_the_same_page_as_long_as_it_is_open(bench, account, charge):
    assert bench.provider.charge(charge) == bench.provider.charge(charge)
    assert len(account.all("checkout.session")) == 1
    assert len(account.all("customer", email=charge.payer.email)) == 1


def test_a_page_that_ran_out(bench, charge):
    pending = bench.provider.charge(charge)
    bench.give_up(charge.key)
    assert bench.provider.charge(charge) == Cancelled(pending.reference)
    (delivery,) = bench.deliveries()
    (event,) = bench.provider.read_events(delivery)
    assert (event.key, event.outcome) == (charge.key, Cancelled(pending.reference))


def test_cancelling_closes_the_page_at_stripe(bench, account, charge):
    pending = bench.provider.charge(charge)
    assert bench.provider.cancel_charge(charge.key, pending.reference) == Cancelled(
        pending.reference
    )
    assert session_of(account, charge)["status"] == "expired"


def test_cancelling_a_page_that_was_just_paid(bench, account, charge):
    pending = bench.provider.charge(charge)
    world.pay(account, charge.key)
    outcome = bench.provider.cancel_charge(charge.key, pending.reference)
    assert isinstance(outcome, Processed)
    assert outcome.reference.startswith("pi_")


def test_cancelling_while_the_payer_pays(bench, account, charge):
    pending, provider = bench.provider.charge(charge), bench.provider
    expire = provider._api.expire

    def paid_first(session):
        world.pay(account, charge.key)
        return expire(session)

    provider._api.expire = paid_first
    assert isinstance(provider.cancel_charge(charge.key, pending.reference), Processed)


@pytest.mark.parametrize(("well", "expected"), [(True, Processed), (False, Declined)])
def test_a_bank_that_pays_days_later(bench, account, charge, well, expected):
    pending = bench.provider.charge(charge)
    session = session_of(account, charge)
    try_bank(account, session)
    waiting = bench.provider.find_charge(charge.key, pending.reference)
    assert (type(waiting), waiting.visit) == (Pending, None)
    bench.deliveries()
    end_bank(account, session, well=well)
    found = bench.provider.find_charge(charge.key, pending.reference)
    told = [event for each in bench.deliveries() for event in bench.provider.read_events(each)]
    assert type(found) is expected
    assert [type(event.outcome) for event in told] == [expected]


def test_cancelling_what_the_bank_works_on(bench, account, charge):
    pending = bench.provider.charge(charge)
    try_bank(account, session_of(account, charge))
    outcome = bench.provider.cancel_charge(charge.key, pending.reference)
    assert isinstance(outcome, Cancelled)
    assert account.with_key("payment_intent", charge.key)["status"] == "canceled"


def test_a_payer_who_is_known_already_is_found_again(bench, account, charge):
    metadata = {"coffer_account": "beta"}
    given = {"email": charge.payer.email, "metadata": {"coffer_account": "other"}}
    make_customer(account, given)
    known = make_customer(account, given | {"metadata": metadata})
    make_customer(account, given | {"metadata": {}})
    assert bench.provider.charge(charge).payer_reference == known["id"]


def test_a_payer_who_was_deleted_at_stripe_begins_anew(bench, account, charge):
    gone = make_customer(account, {"email": charge.payer.email})
    gone["deleted"] = True
    for reference in (gone["id"], "cus_of_another_account"):
        again = replace(
            charge, key=f"a-{reference}", payer=replace(charge.payer, reference=reference)
        )
        fresh = bench.provider.charge(again).payer_reference
        assert fresh not in {None, reference}


def test_tax_that_the_price_contains(bench, account, charge):
    bench.settings["automatic_tax"] = True
    pending = bench.provider.charge(charge)
    world.pay(account, charge.key)
    lines = (TaxLine("VAT 19 %", Money(782, "EUR")),)
    processed = bench.provider.find_charge(charge.key, pending.reference)
    assert (processed.money, processed.tax) == (charge.money, lines)
    assert bench.provider.find_charge(charge.key, processed.reference) == processed
    told = [event for each in bench.deliveries() for event in bench.provider.read_events(each)]
    assert [event.outcome for event in told] == [processed]


def test_the_page_to_manage_payment_begins_with_the_first_payment(bench, charge):
    assert bench.provider.manage_page(charge.payer, charge.return_url) is None
    assert bench.provider.manage_page(bench.payer, charge.return_url).startswith("https://")


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(4900, "USD"), "USD can't be made by card here"),
        (Money(49, "EUR"), "too small"),
    ],
)
def test_what_can_not_be_paid_is_said(bench, charge, money, words):
    bench.settings["currencies"] = "EUR, CHF"
    outcome = bench.provider.charge(replace(charge, money=money))
    assert isinstance(outcome, Declined)
    assert words in outcome.reason
