"""What is told of something that is not known yet: it waits, and is tried again."""

from __future__ import annotations

from app.domain.payment import AttemptState
from app.domain.refusals import Refusal
from app.store.payments import PaymentAttempt, attempt_by_reference


class NotKnownYet(Refusal):
    """What this is about has not been told yet. Never leaves the engine."""

    code, title = "not_known_yet", "This is not known yet"


def known_payment(provider: str, reference: str) -> PaymentAttempt:
    """Find the payment to which the provider gave that name, or raise `NotKnownYet`."""
    found = attempt_by_reference(provider, reference)
    if found is None or found.state is not AttemptState.PROCESSED:
        raise NotKnownYet(f"No payment is called {reference} by {provider}.")
    return found
