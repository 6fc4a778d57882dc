"""What Stripe's objects mean, those that the stand-in never makes among them."""

import pytest

from app.hookspecs import Cancelled, Declined, Money, Pending, Processed, TaxLine
from plugins.billing_stripe.declines import GENERAL
from plugins.billing_stripe.outcomes import of_intent, of_refund, of_session, words_of_rate

INTENT = {"id": "pi_1", "amount": 4900, "currency": "eur", "customer": {"id": "cus_1"}}
SESSION = {"id": "cs_1", "amount_total": 4900, "currency": "eur", "customer": "cus_1"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"status": "succeeded", "amount_received": 4800},
            Processed("pi_1", Money(4800, "EUR"), (), "cus_1"),
        ),
        ({"status": "requires_capture"}, Pending("pi_1", payer_reference="cus_1")),
        ({"status": "requires_payment_method"}, Pending("pi_1", payer_reference="cus_1")),
        ({"status": "something_new"}, Pending("pi_1", payer_reference="cus_1")),
        (
            {
                "status": "requires_action",
                "next_action": {"redirect_to_url": {"url": "https://bank.example"}},
            },
            Pending("pi_1", visit="https://bank.example", payer_reference="cus_1"),
        ),
        (
            {"status": "requires_payment_method", "last_payment_error": {"code": "stolen_card"}},
            Declined(GENERAL, "pi_1"),
        ),
        ({"status": "canceled"}, Cancelled("pi_1")),
    ],
)
def test_payment_intents(facts, expected):
    assert of_intent(INTENT | facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": "complete"}, Pending("cs_1", payer_reference="cus_1")),
        ({"status": "complete", "payment_intent": "pi_1"}, Pending("cs_1", None, None, "cus_1")),
        (
            {"status": "complete", "payment_intent": INTENT | {"status": "canceled"}},
            Cancelled("pi_1"),
        ),
        ({"status": "expired"}, Cancelled("cs_1")),
    ],
)
def test_sessions_that_are_not_paid(facts, expected):
    assert of_session(SESSION | {"payment_status": "unpaid"} | facts) == expected


def test_tax_lines_of_one_rate_are_one_line():
    vat = {"display_name": "VAT", "percentage": 19.0}
    rates = [(700, vat), (83, vat), (0, {"display_name": "GST"}), (10, {"tax_type": "pst"})]
    taxes = [{"amount": amount, "rate": rate} for amount, rate in rates]
    details = {"amount_tax": 793, "breakdown": {"taxes": taxes}}
    paid = {"status": "complete", "payment_status": "paid", "payment_intent": INTENT}
    lines = of_session(SESSION | paid | {"total_details": details}).tax
    assert lines == (
        TaxLine("VAT 19 %", Money(783, "EUR")),
        TaxLine("PST", Money(10, "EUR")),
    )


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ({"display_name": "VAT", "percentage": 20.0, "effective_percentage": 19.6}, "VAT 19.6 %"),
        ({"tax_type": "sales_tax", "percentage_decimal": "8.875"}, "Sales tax 8.875 %"),
        ({}, "TAX"),
    ],
)
def test_the_words_of_a_rate(rate, words):
    assert words_of_rate(rate) == words


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("succeeded", Processed),
        ("pending", Pending),
        ("requires_action", Pending),
        ("failed", Declined),
        ("canceled", Cancelled),
    ],
)
def test_refunds(status, kind):
    assert type(of_refund({"id": "re_1", "amount": 1, "currency": "eur", "status": status})) is kind
