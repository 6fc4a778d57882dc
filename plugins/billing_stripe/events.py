"""What Stripe sends: signed events, read into what they mean for Coffer.

Each payment has one voice: those on Checkout are told by their session (a card that fails there
may be followed by one that works), those by saved cards by their payment intent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import stripe

from app.hookspecs import (
    BadSignature,
    ChargeChanged,
    Declined,
    Delivery,
    DisputeClosed,
    DisputeOpened,
    ProviderEvent,
    RefundChanged,
)
from plugins.billing_stripe.amounts import from_stripe
from plugins.billing_stripe.declines import NOT_CARRIED_OUT
from plugins.billing_stripe.outcomes import (
    FLOW,
    KEY,
    SAVED,
    Json,
    id_of,
    metadata_of,
    of_intent,
    of_refund,
    of_session,
)

SIGNATURE = "stripe-signature"
TOLERANCE = timedelta(seconds=300)
# Nothing but this: of two instants in one header, the SDK might check one and we the other.
HEADER = re.compile(r"t=([0-9]{1,12})(?:,v[0-9]=[0-9a-f]+)+")


class Asked(Protocol):
    """What an event may leave out, and Stripe has to be asked for."""

    def session(self, session: str) -> Json:
        """Give a session with its tax."""

    def is_ours(self, intent: str) -> bool:
        """Tell whether Coffer made a payment."""


def read_events(
    delivery: Delivery, secrets: Sequence[str], stripe_asked: Asked
) -> list[ProviderEvent]:
    """Read a delivery, or raise `BadSignature`.

    Events of payments that aren't Coffer's are left out, and so are kinds that say nothing.
    """
    _require_signature(delivery, secrets)
    event = json.loads(delivery.body)
    read = READERS.get(event.get("type"))
    if read is None:
        return []
    told = read(str(event["id"]), event["data"]["object"], stripe_asked)
    return [] if told is None else [told]


def _require_signature(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Believe what any of the secrets signed, within five minutes of when it arrived."""
    header = next(
        (value for name, value in delivery.headers.items() if name.lower() == SIGNATURE), ""
    )
    signed_at = HEADER.fullmatch(header)
    if signed_at is None or not any(_is_signed(delivery.body, header, each) for each in secrets):
        raise BadSignature("The delivery is not signed with the webhook's secret.")
    age = delivery.received_at.timestamp() - int(signed_at[1])
    if abs(age) > TOLERANCE.total_seconds():
        raise BadSignature("The delivery was signed too long ago.")


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    """Let the SDK check; the age is ours to check, by the clock that the delivery came with."""
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, None)
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True


def _session_changed(event: str, session: Json, asked: Asked) -> ProviderEvent | None:
    key = metadata_of(session, KEY)
    if key is None:
        return None
    if (session.get("total_details") or {}).get("amount_tax"):
        session = {**session, "total_details": asked.session(session["id"])["total_details"]}
    return ChargeChanged(event, key, of_session(session))


def _session_failed(event: str, session: Json, _: Asked) -> ProviderEvent | None:
    """Take a payment that failed days after the page was left."""
    key = metadata_of(session, KEY)
    if key is None:
        return None
    return ChargeChanged(event, key, Declined(NOT_CARRIED_OUT, str(session["id"])))


def _intent_changed(event: str, intent: Json, _: Asked) -> ProviderEvent | None:
    key = metadata_of(intent, KEY)
    if key is None or metadata_of(intent, FLOW) != SAVED:
        return None
    return ChargeChanged(event, key, of_intent(intent))


def _refund_changed(event: str, refund: Json, asked: Asked) -> ProviderEvent | None:
    payment, key = id_of(refund.get("payment_intent")), metadata_of(refund, KEY)
    if payment is None or (key is None and not asked.is_ours(payment)):
        return None
    return RefundChanged(event, key, payment, of_refund(refund))


def _dispute_opened(_event: str, dispute: Json, asked: Asked) -> ProviderEvent | None:
    """Take a dispute that takes money; an inquiry takes none. Told twice, it has one id."""
    payment = _disputed(dispute, asked)
    if payment is None:
        return None
    name = str(dispute["id"])
    money = from_stripe(dispute["amount"], dispute["currency"])
    return DisputeOpened(f"{name}:opened", name, payment, money, str(dispute["reason"]))


def _dispute_closed(event: str, dispute: Json, asked: Asked) -> ProviderEvent | None:
    if _disputed(dispute, asked) is None:
        return None
    return DisputeClosed(event, str(dispute["id"]), dispute["status"] == "won")


def _disputed(dispute: Json, asked: Asked) -> str | None:
    """Name the payment, if it is Coffer's and more than an inquiry."""
    payment = id_of(dispute.get("payment_intent"))
    if payment is None or str(dispute["status"]).startswith("warning_"):
        return None
    return payment if asked.is_ours(payment) else None


READERS: Mapping[Any, Callable[[str, Json, Asked], ProviderEvent | None]] = {
    "checkout.session.completed": _session_changed,
    "checkout.session.async_payment_succeeded": _session_changed,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": _session_changed,
    "payment_intent.succeeded": _intent_changed,
    "payment_intent.payment_failed": _intent_changed,
    "payment_intent.canceled": _intent_changed,
    "refund.created": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "charge.dispute.created": _dispute_opened,
    "charge.dispute.funds_withdrawn": _dispute_opened,
    "charge.dispute.closed": _dispute_closed,
}
