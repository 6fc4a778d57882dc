"""Stripe's amounts: ISO 4217's minor units, but for the currencies that Stripe lists as special."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hookspecs import Money
from plugins.billing_stripe.amounts import NotPayable, from_stripe, to_stripe


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (Money(4900, "EUR"), (4900, "eur")),
        (Money(490, "JPY"), (490, "jpy")),
        (Money(1230, "KWD"), (1230, "kwd")),
        (Money(5, "UGX"), (500, "ugx")),
        (Money(490, "ISK"), (49_000, "isk")),
        (Money(500, "MGA"), (5, "mga")),
        (Money(1045, "HUF"), (1045, "huf")),
        (Money(80_045, "TWD"), (80_045, "twd")),
    ],
)
def test_an_amount_as_stripe_spells_it(money, expected):
    assert to_stripe(money) == expected
    assert from_stripe(*expected) == money


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(5124, "KWD"), "steps of 0.010"),
        (Money(1, "BHD"), "steps of 0.010"),
        (Money(150, "MGA"), "whole amounts"),
        (Money(0, "EUR"), "nothing to pay"),
        (Money(-1, "EUR"), "nothing to pay"),
    ],
)
def test_an_amount_that_cards_do_not_take(money, words):
    with pytest.raises(NotPayable, match=words):
        to_stripe(money)


@given(st.integers(1, 10**8), st.sampled_from(["EUR", "JPY", "KWD", "UGX", "ISK", "MGA", "VND"]))
def test_nothing_is_gained_or_lost_on_the_way(amount, currency):
    money = Money(amount, currency)
    try:
        spelled = to_stripe(money)
    except NotPayable:
        return
    assert from_stripe(*spelled) == money
