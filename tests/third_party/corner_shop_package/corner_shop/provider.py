"""The provider: what Coffer asks, in the words of whoever moves the money, and back."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from app.hookspecs import (
    BadSignature,
    Cancelled,
    Charge,
    ChargeChanged,
    Declined,
    Delivery,
    DisputeClosed,
    DisputeOpened,
    Money,
    Outcome,
    Payer,
    Pending,
    Processed,
    ProviderEvent,
    ProviderPayment,
    Refund,
    RefundChanged,
)
from corner_shop.sandbox import HEADER, Payment, Sandbox, signature

OLDEST_SECONDS = 300
LONGEST_STAMP = 12


class CornerShopProvider:
    """Moves money in the sandbox. What it raises counts as `Unknown`, and Coffer asks again."""

    key = "corner_shop"
    title = "Corner shop"
    charges_absent = True

    def __init__(self, sandbox: Sandbox, secret: str) -> None:
        self._sandbox = sandbox
        self._secret = secret

    def charge(self, charge: Charge) -> Outcome:
        """Take money; Coffer's key goes along, so that a repeat finds the first."""
        payer = charge.payer.reference or charge.payer.account
        return self._outcome(
            self._sandbox.charge(charge.key, payer, charge.money, present=charge.present)
        )

    def find_charge(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a charge; one that never arrived is `Cancelled`."""
        self._sandbox.require_reach()
        found = self._sandbox.payments.get(key)
        return self._outcome(found) if found else Cancelled()

    def cancel_charge(self, key: str, reference: str | None) -> Outcome:
        """Give up what is pending, and tell how it stands then."""
        self._sandbox.require_reach()
        self._sandbox.end(key, "cancelled")
        return self.find_charge(key, reference)

    def refund(self, refund: Refund) -> Outcome:
        """Give money back, at most what is left of a payment that was processed."""
        self._sandbox.require_reach()
        if refund.key in self._sandbox.returns:
            return self.find_refund(refund.key, None)
        payment = self._sandbox.by_reference(refund.charge)
        if payment is None or payment.state != "processed":
            return Declined("There is no such payment to give back.")
        if refund.money.amount > payment.money.amount - self._sandbox.given_back(payment.key):
            return Declined("That is more than is left of the payment.")
        self._sandbox.give_back(refund.key, payment.key, refund.money)
        return self.find_refund(refund.key, None)

    def find_refund(self, key: str, reference: str | None) -> Outcome:
        """Tell what became of a refund; one that never arrived is `Cancelled`."""
        self._sandbox.require_reach()
        found = self._sandbox.returns.get(key)
        return Processed(found.reference, found.money) if found else Cancelled()

    def read_events(self, delivery: Delivery) -> Sequence[ProviderEvent]:
        """Read a delivery that was signed lately; anything else raises `BadSignature`."""
        self._require_signature(delivery)
        return [self._event(json.loads(delivery.body))]

    def payments(self, since: datetime, until: datetime) -> Iterable[ProviderPayment]:
        """List what was processed in a span of time."""
        self._sandbox.require_reach()
        return [
            ProviderPayment(
                one.reference, one.key, one.money, self._sandbox.given_back(one.key), one.at
            )
            for one in list(self._sandbox.payments.values())
            if one.state == "processed" and since <= one.at < until
        ]

    def manage_page(self, payer: Payer, return_url: str) -> str | None:
        """There is no means of payment to change in a sandbox."""
        return None

    def _outcome(self, payment: Payment, state: str | None = None) -> Outcome:
        match state or payment.state:
            case "processed":
                return Processed(payment.reference, payment.money, payer_reference=payment.payer)
            case "declined":
                return Declined("The sandbox says no.", payment.reference)
            case "cancelled":
                return Cancelled(payment.reference)
        return Pending(payment.reference, instructions="Wait for the sandbox to let you pay.")

    def _event(self, told: dict[str, Any]) -> ProviderEvent:
        match told["kind"]:
            case "charge":
                payment = self._sandbox.payments[told["key"]]
                outcome = self._outcome(payment, told["state"])
                return ChargeChanged(told["id"], payment.key, outcome)
            case "refund":
                back = self._sandbox.returns[told["key"]]
                payment = self._sandbox.payments[back.payment]
                outcome = Processed(back.reference, back.money)
                return RefundChanged(told["id"], back.key, payment.reference, outcome)
            case "dispute opened":
                payment = self._sandbox.payments[self._sandbox.disputes[told["dispute"]]]
                money = Money(told["amount"], payment.money.currency)
                reason = "The payer does not know this payment."
                return DisputeOpened(told["id"], told["dispute"], payment.reference, money, reason)
        return DisputeClosed(told["id"], told["dispute"], told["won"])

    def _require_signature(self, delivery: Delivery) -> None:
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        given = headers.get(HEADER.lower(), "")
        stamp = given.partition(",")[0].removeprefix("t=")
        if not self._secret or not stamp.isdecimal() or len(stamp) > LONGEST_STAMP:
            raise BadSignature("There is no signature.")
        at = datetime.fromtimestamp(int(stamp), UTC)
        expected = signature(delivery.body, at, self._secret)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadSignature("It was not signed by the sandbox.")
        if abs((delivery.received_at - at).total_seconds()) > OLDEST_SECONDS:
            raise BadSignature("It was signed too long ago.")
