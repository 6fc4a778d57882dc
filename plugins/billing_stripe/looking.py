"""How it is found out what became of an attempt: by Stripe's name, else in the payer's own list."""

from __future__ import annotations

from app.hookspecs import Cancelled, Outcome, Unknown
from plugins.billing_stripe.api import Api
from plugins.billing_stripe.attempts import Attempt, Attempts
from plugins.billing_stripe.outcomes import (
    CHECKOUT,
    FLOW,
    KEY,
    Json,
    metadata_of,
    of_intent,
    of_refund,
    of_session,
)

TOO_SOON = "The answer was lost, and Stripe may still be at work on the request."


class Looking:
    """Looks for attempts; never changes anything at Stripe."""

    def __init__(self, api: Api, attempts: Attempts) -> None:
        self._api = api
        self._attempts = attempts

    def charge(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a charge."""
        return self._told(key, reference) if reference else self._kept(key)

    def refund(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a refund."""
        return of_refund(self._api.refund(reference)) if reference else self._kept(key)

    def found(self, attempt: Attempt) -> Outcome | None:
        """Tell what became of an attempt that was kept; None where Stripe has nothing of it."""
        if attempt.kind == "refund":
            return self._found_refund(attempt)
        if attempt.reference:
            return self._told(attempt.key, attempt.reference)
        found = self._found_charge(attempt)
        if found is None:
            return None
        self._attempts.told(attempt, str(found["id"]))
        return of_session(found) if attempt.kind == "checkout" else of_intent(found)

    def _kept(self, key: str) -> Outcome:
        """Tell it of an attempt whose name at Stripe isn't known. Nothing kept: never begun."""
        attempt = self._attempts.find(key)
        if attempt is None:
            return Cancelled()
        outcome = self.found(attempt)
        if outcome is None and not attempt.is_settled(self._attempts.now()):
            return Unknown(TOO_SOON)
        return outcome or Cancelled()

    def _told(self, key: str, reference: str) -> Outcome:
        """Tell it by name. A payment on Checkout is told by its session, which knows the tax."""
        if not reference.startswith("pi_"):
            return of_session(self._api.session(reference))
        intent = self._api.intent(reference)
        if metadata_of(intent, FLOW) == CHECKOUT:
            session = self._api.session_of(reference)
            if session is not None:
                return of_session(session)
        return of_intent(intent)

    def _found_charge(self, attempt: Attempt) -> Json | None:
        def fits(found: Json) -> bool:
            return metadata_of(found, KEY) == attempt.key

        if attempt.kind == "checkout":
            return self._api.session_with(attempt.target, attempt.since, fits)
        return self._api.intent_with(attempt.target, attempt.since, fits)

    def _found_refund(self, attempt: Attempt) -> Outcome | None:
        def fits(found: Json) -> bool:
            return metadata_of(found, KEY) == attempt.key

        if attempt.reference:
            return of_refund(self._api.refund(attempt.reference))
        found = self._api.refund_with(attempt.target, fits)
        if found is None:
            return None
        self._attempts.told(attempt, str(found["id"]))
        return of_refund(found)
