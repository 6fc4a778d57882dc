"""How an attempt is sent: as it is kept, under its own key."""

from __future__ import annotations

import stripe

from app.hookspecs import Declined, Outcome
from plugins.billing_stripe.api import Api
from plugins.billing_stripe.attempts import Attempt, Attempts
from plugins.billing_stripe.outcomes import of_intent, of_refund, of_session
from plugins.billing_stripe.trouble import meaning

NOT_REFUNDED = {
    "charge_already_refunded": "All of this payment was given back before.",
    "charge_disputed": "This payment is disputed, so the bank decides on it.",
}
NOT_REFUNDABLE = "Stripe can't give this back: it was not taken, or less of it is left."


class Sending:
    """Sends attempts to Stripe, and keeps the name that Stripe gives them."""

    def __init__(self, api: Api, attempts: Attempts) -> None:
        self._api = api
        self._attempts = attempts

    def charge(self, attempt: Attempt) -> Outcome:
        """Send a charge."""
        try:
            if attempt.kind == "checkout":
                made = self._api.open_session(attempt.request, attempt.key)
            else:
                made = self._api.pay(attempt.request, attempt.key)
        except stripe.StripeError as error:
            return meaning(error)
        self._attempts.told(attempt, str(made["id"]))
        return of_session(made) if attempt.kind == "checkout" else of_intent(made)

    def refund(self, attempt: Attempt) -> Outcome:
        """Send a refund; what Stripe refuses was not processed, or went back before."""
        try:
            made = self._api.give_back(attempt.request, attempt.key)
        except stripe.InvalidRequestError as error:
            return Declined(NOT_REFUNDED.get(error.code or "", NOT_REFUNDABLE))
        self._attempts.told(attempt, str(made["id"]))
        return of_refund(made)
