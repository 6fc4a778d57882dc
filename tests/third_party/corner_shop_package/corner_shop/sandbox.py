"""The world: somebody who moves money, in the memory of this process. Replace it with a service."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.hookspecs import Money

HEADER = "Corner-Shop-Signature"


class OutOfReachError(Exception):
    """Nothing arrives there, or no answer comes back."""


@dataclass(frozen=True)
class Payment:
    """Money that was asked for. `state` is pending, processed, declined or cancelled."""

    number: int
    key: str
    payer: str
    money: Money
    state: str
    at: datetime

    @property
    def reference(self) -> str:
        return f"payment-{self.number}"


@dataclass(frozen=True)
class Return:
    """Money that went back, of the payment with that key."""

    number: int
    key: str
    payment: str
    money: Money

    @property
    def reference(self) -> str:
        return f"refund-{self.number}"


class Sandbox:
    """Keeps payments by key, so that the same key again finds the first."""

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.payments: dict[str, Payment] = {}
        self.returns: dict[str, Return] = {}
        self.disputes: dict[str, str] = {}
        self.saved: set[str] = set()
        self.sent: list[bytes] = []
        self.next_state = "processed"
        self.loses_answers = False
        self.is_away = False
        self._turn = threading.RLock()

    def charge(self, key: str, payer: str, money: Money, *, present: bool) -> Payment:
        """Take money, once for each key."""
        self.require_reach()
        with self._turn:
            known = self.payments.get(key)
            if known is not None:
                return known
            state, self.next_state = self.next_state, "processed"
            if not present and payer not in self.saved:
                state = "declined"
            number = len(self.payments) + 1
            self.payments[key] = Payment(number, key, payer, money, "pending", self.now())
            if state != "pending":
                self.end(key, state)
        if self.loses_answers:
            self.loses_answers = False
            raise OutOfReachError("The answer did not come back.")
        return self.payments[key]

    def end(self, key: str, state: str) -> None:
        """Bring a pending payment to its end; one that has ended stays as it is."""
        with self._turn:
            found = self.payments.get(key)
            if found is None or found.state != "pending":
                return
            self.payments[key] = replace(found, state=state, at=self.now())
            if state == "processed":
                self.saved.add(found.payer)
            self._send("charge", key=key, state=state)

    def give_back(self, key: str, payment: str, money: Money) -> Return:
        """Give money back, once for each key."""
        with self._turn:
            if key not in self.returns:
                number = len(self.returns) + 1
                self.returns[key] = Return(number, key, payment, money)
                self._send("refund", key=key)
            return self.returns[key]

    def given_back(self, payment: str) -> int:
        """How much of a payment went back."""
        return sum(one.money.amount for one in self.returns.values() if one.payment == payment)

    def by_reference(self, reference: str) -> Payment | None:
        """Find a payment by the sandbox's own name for it."""
        found = (one for one in self.payments.values() if one.reference == reference)
        return next(found, None)

    def dispute(self, payment: Payment) -> None:
        """Let the payer's bank take a payment back."""
        name = f"dispute-{payment.number}"
        self.disputes[name] = payment.key
        amount = payment.money.amount - self.given_back(payment.key)
        self._send("dispute opened", dispute=name, amount=amount)

    def close_dispute(self, payment: Payment, *, won: bool) -> None:
        """Let the dispute end."""
        self._send("dispute closed", dispute=f"dispute-{payment.number}", won=won)

    def require_reach(self) -> None:
        """Raise `OutOfReachError` while the sandbox is away."""
        if self.is_away:
            raise OutOfReachError("The sandbox can't be reached.")

    def _send(self, kind: str, **facts: Any) -> None:
        body = {"id": f"event-{len(self.sent) + 1}", "kind": kind, **facts}
        self.sent.append(json.dumps(body).encode())


def signature(body: bytes, at: datetime, secret: str) -> str:
    """Sign a body with the time, so that nobody can keep it and bring it again."""
    stamp = str(int(at.timestamp()))
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hexdigest()}"
