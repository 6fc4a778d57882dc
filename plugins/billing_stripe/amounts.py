"""Stripe's amounts, which are not ISO 4217's minor units everywhere.

Source of the rules: docs.stripe.com/currencies, “Minor units in API amounts” and “Special cases”.
"""

from __future__ import annotations

from typing import Any

from app.hookspecs import Money

# Without minor unit in ISO 4217, but Stripe still counts in hundredths, for old times' sake.
COUNTED_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
# With a minor unit in ISO 4217, that Stripe doesn't count.
COUNTED_IN_WHOLES = frozenset({"MGA"})
# Three decimals, of which the networks take two.
LAST_DIGIT_IS_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class NotPayable(Exception):  # noqa: N818 - the reason why, for the payer
    """Stripe can't take exactly this amount; the text says why, for the payer."""


def to_stripe(money: Money) -> tuple[int, str]:
    """Give an amount and a currency as Stripe spells them, or raise `NotPayable`."""
    amount, currency = money.amount, money.currency
    if amount <= 0:
        raise NotPayable("There is nothing to pay.")
    if currency in LAST_DIGIT_IS_ZERO and amount % 10:
        raise NotPayable(f"By card, amounts in {currency} are paid in steps of 0.010.")
    if currency in COUNTED_IN_WHOLES and amount % 100:
        raise NotPayable(f"By card, only whole amounts in {currency} can be paid.")
    if currency in COUNTED_IN_HUNDREDTHS:
        amount *= 100
    if currency in COUNTED_IN_WHOLES:
        amount //= 100
    return amount, currency.lower()


def from_stripe(amount: Any, currency: Any) -> Money:  # noqa: ANN401 - values of JSON
    """Give back what `to_stripe` made; a fraction that ISO 4217 doesn't know is cut off."""
    code = str(currency).upper()
    number = int(amount)
    if code in COUNTED_IN_HUNDREDTHS:
        number //= 100
    if code in COUNTED_IN_WHOLES:
        number *= 100
    return Money(number, code)
