"""The provider `stripe`: Checkout Sessions for payers at a browser, saved cards for all others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import stripe

from app.hookspecs import (
    Cancelled,
    Charge,
    Declined,
    Delivery,
    Outcome,
    Payer,
    Pending,
    ProviderEvent,
    ProviderPayment,
    Refund,
)
from plugins.billing_stripe.amounts import NotPayable, from_stripe
from plugins.billing_stripe.api import Api
from plugins.billing_stripe.asking import Wishes, refund_request
from plugins.billing_stripe.attempts import Attempts
from plugins.billing_stripe.charging import begun
from plugins.billing_stripe.events import read_events
from plugins.billing_stripe.looking import Looking
from plugins.billing_stripe.outcomes import KEY, Json, id_of, metadata_of, of_intent, of_session
from plugins.billing_stripe.patience import within
from plugins.billing_stripe.sending import Sending
from plugins.billing_stripe.trouble import unknown

NOT_PROCESSED = "This payment was not processed, so there is nothing to give back."


class StripeProvider:
    """Moves money through Stripe."""

    key = "stripe"
    title = "Card"
    charges_absent = True

    def __init__(
        self, api: Api, attempts: Attempts, wishes: Wishes, webhook_secrets: Sequence[str]
    ) -> None:
        self._api = api
        self._attempts = attempts
        self._wishes = wishes
        self._webhook_secrets = tuple(webhook_secrets)
        self._looking = Looking(api, attempts)
        self._sending = Sending(api, attempts)

    def charge(self, charge: Charge) -> Outcome:
        """Take money: look first what became of the key, so that it is never paid twice."""

        def work() -> Outcome:
            attempt = self._attempts.find(charge.key)
            if attempt is not None:
                outcome = self._looking.found(attempt)
                return outcome or self._sending.charge(self._attempts.again(attempt))
            fresh = begun(charge, self._api, self._attempts, self._wishes)
            return fresh if isinstance(fresh, Declined) else self._sending.charge(fresh)

        return _asked(work)

    def find_charge(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of an attempt."""
        return _asked(lambda: self._looking.charge(key, reference))

    def cancel_charge(self, key: str, reference: str | None) -> Outcome:
        """Close the payer's page, or cancel the payment that is on its way."""

        def work() -> Outcome:
            outcome = self._looking.charge(key, reference)
            if not isinstance(outcome, Pending) or outcome.reference is None:
                return outcome
            try:
                return self._given_up(outcome.reference)
            except stripe.InvalidRequestError:
                return self._looking.charge(key, outcome.reference)

        return _asked(work)

    def refund(self, refund: Refund) -> Outcome:
        """Give money back; the same key gives back once."""

        def work() -> Outcome:
            if not refund.charge.startswith("pi_"):
                return Declined(NOT_PROCESSED)
            attempt = self._attempts.find(refund.key)
            if attempt is None:
                request = refund_request(refund)
                attempt = self._attempts.begin(refund.key, "refund", refund.charge, request)
                return self._sending.refund(attempt)
            outcome = self._looking.found(attempt)
            return outcome or self._sending.refund(self._attempts.again(attempt))

        return _asked(work)

    def find_refund(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a refund."""
        return _asked(lambda: self._looking.refund(key, reference))

    def read_events(self, delivery: Delivery) -> Sequence[ProviderEvent]:
        """Read a delivery whose signature is right."""
        with within():
            return read_events(delivery, self._webhook_secrets, self._api)

    def payments(self, since: datetime, until: datetime) -> Iterable[ProviderPayment]:
        """List what was charged through Coffer; other payments of the account are left out."""
        first, end = math.ceil(since.timestamp()), math.ceil(until.timestamp())
        listed = (_payment(each) for each in self._api.charges(first, end))
        return (payment for payment in listed if payment is not None)

    def manage_page(self, payer: Payer, return_url: str) -> str | None:
        """Open Stripe's page for the payer; there is none before their first payment."""
        if payer.reference is None:
            return None
        with within():
            return self._api.portal(payer.reference, return_url)

    def _given_up(self, reference: str) -> Outcome:
        if reference.startswith("pi_"):
            return of_intent(self._api.cancel(reference))
        session = self._api.session(reference)
        if session["status"] == "open":
            return of_session(self._api.expire(reference))
        intent = id_of(session.get("payment_intent"))
        return of_intent(self._api.cancel(intent)) if intent else Cancelled(reference)


def _asked(work: Callable[[], Outcome]) -> Outcome:
    try:
        with within():
            return work()
    except NotPayable as reason:
        return Declined(str(reason))
    except stripe.StripeError as error:
        return unknown(error)


def _payment(charge: Json) -> ProviderPayment | None:
    key, intent = metadata_of(charge, KEY), id_of(charge.get("payment_intent"))
    if key is None or intent is None or charge["status"] != "succeeded" or not charge["captured"]:
        return None
    currency = charge["currency"]
    return ProviderPayment(
        intent,
        key,
        from_stripe(charge["amount_captured"], currency),
        from_stripe(charge["amount_refunded"], currency).amount,
        datetime.fromtimestamp(charge["created"], UTC),
    )
