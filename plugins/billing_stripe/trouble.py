"""What an error of Stripe's means: that nothing moved, or that nobody knows.

Declined is only what Stripe itself refused. Where the answer was lost, or Stripe was not able to
give one, or we are not let in, nobody knows, and Coffer asks again.
"""

from __future__ import annotations

import logging

import stripe

from app.hookspecs import Declined, Outcome, Unknown
from plugins.billing_stripe.declines import NOT_STARTED, SENTENCES, sentence

log = logging.getLogger(__name__)


def declined_by_card(error: stripe.CardError) -> Declined:
    """Say why the payer's bank refused; the payment intent that came of it is named, too."""
    details = error.error
    if details is None:
        return Declined(sentence(error.code, None))
    intent = getattr(details, "payment_intent", None)
    decline_code = getattr(details, "decline_code", None)
    return Declined(sentence(error.code, decline_code), intent.id if intent else None)


def meaning(error: stripe.StripeError) -> Outcome:
    """Tell what an error means for an attempt that was just made."""
    if isinstance(error, stripe.CardError):
        return declined_by_card(error)
    if isinstance(error, stripe.InvalidRequestError):
        log.warning("Stripe refused a request: %s", facts_of(error))
        return Declined(SENTENCES.get(error.code or "", NOT_STARTED))
    return unknown(error)


def unknown(error: stripe.StripeError) -> Unknown:
    """Tell operators what happened, without anything that Stripe was told."""
    words = {
        stripe.APIConnectionError: "Stripe could not be reached, or its answer got lost",
        stripe.AuthenticationError: "Stripe does not accept the secret key",
        stripe.PermissionError: "the secret key is not allowed to do this",
        stripe.RateLimitError: "Stripe is asked too often",
        stripe.IdempotencyError: "Stripe knows the key with another request",
        stripe.InvalidRequestError: "Stripe does not understand the question",
    }.get(type(error), "Stripe failed")
    told = facts_of(error)
    return Unknown(f"{words} ({told})." if told else f"{words}.")


def facts_of(error: stripe.StripeError) -> str:
    """Spell what an operator needs to find the request in Stripe's log, and nothing ours."""
    facts = (error.http_status, error.code, getattr(error, "param", None), error.request_id)
    return ", ".join(str(fact) for fact in facts if fact)
