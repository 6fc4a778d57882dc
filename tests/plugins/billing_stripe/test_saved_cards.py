"""Payers who are away: the card that they chose or saved last, and what their bank says."""

from dataclasses import replace

import pytest

from app.hookspecs import Declined, Money, Processed, TaxLine
from plugins.billing_stripe.stand_in.payments import save_card


def test_what_was_saved_last_is_charged_unless_a_default_was_chosen(bench, account, absent):
    first = account.all("payment_method", customer=bench.payer.reference)[0]
    later = save_card(account, bench.payer.reference, "4242424242424242")
    bench.provider.charge(absent)
    assert account.with_key("payment_intent", absent.key)["payment_method"] == later["id"]
    customer = account.objects[bench.payer.reference]
    customer["invoice_settings"]["default_payment_method"] = first["id"]
    bench.provider.charge(replace(absent, key="next"))
    assert account.with_key("payment_intent", "next")["payment_method"] == first["id"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("4000000000000341", "The card was declined"),
        ("4000000000009995", "not enough money"),
        ("4000002760003184", "wants you to confirm"),
    ],
)
def test_a_bank_that_refuses_is_told_in_words_for_the_payer(bench, account, absent, number, words):
    save_card(account, bench.payer.reference, number)
    outcome = bench.provider.charge(absent)
    assert isinstance(outcome, Declined)
    assert words in outcome.reason
    assert outcome.reference == account.with_key("payment_intent", absent.key)["id"]
    assert bench.provider.find_charge(absent.key, None) == outcome
    (delivery,) = bench.deliveries()
    (event,) = bench.provider.read_events(delivery)
    assert (event.key, event.outcome) == (absent.key, outcome)


def test_a_customer_who_was_deleted_has_nothing_saved(bench, account, absent):
    account.objects[bench.payer.reference]["deleted"] = True
    outcome = bench.provider.charge(absent)
    assert isinstance(outcome, Declined)
    assert "no saved card" in outcome.reason


def test_a_new_card_changes_nothing_of_an_attempt_that_began(bench, account, absent):
    account.answers_to_lose = 1
    bench.provider.charge(absent)
    save_card(account, bench.payer.reference, "4000000000000341")
    assert isinstance(bench.provider.charge(absent), Processed)
    assert len(account.all("charge")) == 1


def test_the_statement_names_what_was_bought(bench, account, absent):
    bench.settings["statement_suffix"] = "COFFER"
    bench.provider.charge(absent)
    asked = account.requests[-1][2]
    assert asked["statement_descriptor_suffix"] == "COFFER"
    assert asked["description"] == absent.description


def test_tax_that_the_price_contains(bench, account, absent):
    bench.settings["automatic_tax"] = True
    outcome = bench.provider.charge(absent)
    assert outcome.tax == (TaxLine("VAT 19 %", Money(782, "EUR")),)
    assert bench.provider.find_charge(absent.key, outcome.reference) == outcome
    intent = account.with_key("payment_intent", absent.key)
    (calculated,) = account.all("tax.calculation")
    assert intent["hooks"] == {"inputs": {"tax": {"calculation": calculated["id"]}}}


def test_a_payment_goes_on_where_the_tax_can_not_be_told(bench, account, absent):
    bench.settings["automatic_tax"] = True
    provider = bench.provider
    error = {"type": "invalid_request_error", "code": "customer_tax_location_invalid"}
    ask = provider._api.calculate_tax

    def failing(request):
        account.failures.append((400, {"error": error}, {}))
        return ask(request)

    provider._api.calculate_tax = failing
    outcome = provider.charge(absent)
    assert (type(outcome), outcome.tax) == (Processed, ())
