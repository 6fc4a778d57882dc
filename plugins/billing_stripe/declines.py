"""What a payer reads when a payment was declined.

A card that is reported lost or stolen, or looks like fraud, gets the general sentence: Stripe asks
not to tell whoever holds it (docs.stripe.com/declines/codes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GENERAL = "The card was declined. Please use another card, or ask your bank."
SENTENCES = {
    "authentication_required": (
        "Your bank wants you to confirm this payment yourself. Please pay it on the billing page."
    ),
    "payment_intent_authentication_failure": (
        "The payment was not confirmed with your bank. Please try again."
    ),
    "insufficient_funds": "There is not enough money on the card's account.",
    "card_velocity_exceeded": "The card's limit is reached. Please use another card.",
    "withdrawal_count_limit_exceeded": "The card's limit is reached. Please use another card.",
    "expired_card": "The card is out of date. Please use another card.",
    "incorrect_cvc": "The card's security code is wrong.",
    "invalid_cvc": "The card's security code is wrong.",
    "incorrect_number": "The card's number is wrong.",
    "invalid_number": "The card's number is wrong.",
    "currency_not_supported": "The card can't be charged in this currency.",
    "processing_error": "The bank could not work on the payment. Please try again.",
    "issuer_not_available": "The bank could not be reached. Please try again.",
    "try_again_later": "The bank could not work on the payment. Please try again.",
    "amount_too_small": "The amount is too small to be paid by card.",
    "amount_too_large": "The amount is too large to be paid by card.",
}
REFUND_FAILED = "The bank sent the refund back. Please agree with the payer on another way."
NOT_CARRIED_OUT = "The bank did not carry out the payment. Please pay in another way."
NOTHING_SAVED = "There is no saved card. Please pay on the billing page."
NOT_STARTED = "The payment could not be started, and nothing was charged. Please tell us."


def sentence(code: str | None, decline_code: str | None) -> str:
    """Say why a payment was declined, for the payer; the decline code says more than the code."""
    return SENTENCES.get(decline_code or "") or SENTENCES.get(code or "") or GENERAL


def sentence_of(error: Mapping[str, Any]) -> str:
    """Say it of an error object of Stripe's."""
    return sentence(error.get("code"), error.get("decline_code"))
