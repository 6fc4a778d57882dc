"""Stripe as the plugin asks it: the official SDK, with a client of its own and plain answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import stripe
from stripe.checkout import Session

from plugins.billing_stripe.outcomes import KEY, Json, metadata_of
from plugins.billing_stripe.patience import PatientSession

RETRIES = 1
PAGE = 100
MOST_TO_LOOK_AT = 1_000
IN_FULL = ["payment_intent", "total_details.breakdown"]


class Api:
    """What of Stripe's API the plugin uses. Everything may raise `stripe.StripeError`."""

    def __init__(self, secret_key: str, base: str, *, retries: int = RETRIES) -> None:
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(session=PatientSession()),
        )
        self._v1 = self._client.v1

    def customer(self, customer: str) -> Json | None:
        """Give a customer with their default means of payment; None if they were deleted."""
        expand = ["invoice_settings.default_payment_method"]
        try:
            found = self._v1.customers.retrieve(customer, {"expand": expand}).to_dict()
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:  # noqa: PLR2004 - not found
                return None
            raise
        return None if found.get("deleted") else found

    def customers(self, email: str) -> Iterator[Json]:
        """List the customers with an address, the newest first."""
        listed = self._v1.customers.list({"email": email, "limit": PAGE})
        return (each.to_dict() for each in listed.auto_paging_iter())

    def make_customer(self, name: str, email: str, metadata: dict[str, str], key: str) -> Json:
        """Make a customer."""
        given: Any = {"name": name, "email": email, "metadata": metadata}
        return self._v1.customers.create(given, {"idempotency_key": key}).to_dict()

    def newest_payment_method(self, customer: str) -> Json | None:
        """Give what a customer saved last."""
        listed = self._v1.payment_methods.list({"customer": customer, "limit": 1})
        return listed.data[0].to_dict() if listed.data else None

    def open_session(self, request: Mapping[str, Any], key: str) -> Json:
        """Open a Checkout Session."""
        given: Any = request
        return self._v1.checkout.sessions.create(given, {"idempotency_key": key}).to_dict()

    def session(self, session: str) -> Json:
        """Give a session with its payment intent and its tax."""
        return self._v1.checkout.sessions.retrieve(session, {"expand": IN_FULL}).to_dict()

    def session_of(self, intent: str) -> Json | None:
        """Give the session that a payment intent belongs to."""
        listed = self._v1.checkout.sessions.list({"payment_intent": intent, "limit": 1})
        return self.session(listed.data[0].id) if listed.data else None

    def session_with(self, customer: str, since: int, fits: Callable[[Json], bool]) -> Json | None:
        """Find one of a customer's sessions, in a list that never lags behind."""
        found: Session
        listed = self._v1.checkout.sessions.list(
            {"customer": customer, "created": {"gte": since}, "limit": PAGE}
        )
        for found in _at_most(listed.auto_paging_iter()):
            if fits(found.to_dict()):
                return self.session(found.id)
        return None

    def expire(self, session: str) -> Json:
        """Close a session that is open."""
        return self._v1.checkout.sessions.expire(session).to_dict()

    def pay(self, request: Mapping[str, Any], key: str) -> Json:
        """Make a payment intent, confirmed with a saved means of payment."""
        given: Any = request
        return self._v1.payment_intents.create(given, {"idempotency_key": key}).to_dict()

    def intent(self, intent: str) -> Json:
        """Give a payment intent."""
        return self._v1.payment_intents.retrieve(intent).to_dict()

    def is_ours(self, intent: str) -> bool:
        """Tell whether Coffer made a payment, by what is written on it."""
        return metadata_of(self.intent(intent), KEY) is not None

    def intent_with(self, customer: str, since: int, fits: Callable[[Json], bool]) -> Json | None:
        """Find one of a customer's payment intents, in a list that never lags behind."""
        listed = self._v1.payment_intents.list(
            {"customer": customer, "created": {"gte": since}, "limit": PAGE}
        )
        found = (each.to_dict() for each in _at_most(listed.auto_paging_iter()))
        return next((each for each in found if fits(each)), None)

    def cancel(self, intent: str) -> Json:
        """Cancel a payment intent that has not moved money."""
        return self._v1.payment_intents.cancel(intent).to_dict()

    def give_back(self, request: Mapping[str, Any], key: str) -> Json:
        """Make a refund."""
        given: Any = request
        return self._v1.refunds.create(given, {"idempotency_key": key}).to_dict()

    def refund(self, refund: str) -> Json:
        """Give a refund."""
        return self._v1.refunds.retrieve(refund).to_dict()

    def refund_with(self, intent: str, fits: Callable[[Json], bool]) -> Json | None:
        """Find one of a payment's refunds."""
        listed = self._v1.refunds.list({"payment_intent": intent, "limit": PAGE})
        found = (each.to_dict() for each in _at_most(listed.auto_paging_iter()))
        return next((each for each in found if fits(each)), None)

    def charges(self, since: int, until: int) -> Iterator[Json]:
        """List charges made within `since <= created < until`, the newest first."""
        listed = self._v1.charges.list({"created": {"gte": since, "lt": until}, "limit": PAGE})
        return (each.to_dict() for each in listed.auto_paging_iter())

    def calculate_tax(self, request: Mapping[str, Any]) -> Json:
        """Let Stripe Tax say how much tax an amount contains."""
        given: Any = request
        return self._v1.tax.calculations.create(given).to_dict()

    def portal(self, customer: str, return_url: str) -> str:
        """Open the page where a customer changes their means of payment."""
        given: Any = {"customer": customer, "return_url": return_url}
        return self._v1.billing_portal.sessions.create(given).url


def _at_most(found: Iterator[Any]) -> Iterator[Any]:
    """Stop, by raising, where a payer has more than can be looked at in the time there is."""
    for number, each in enumerate(found):
        if number >= MOST_TO_LOOK_AT:
            raise stripe.StripeError("the list is too long to look at")
        yield each
