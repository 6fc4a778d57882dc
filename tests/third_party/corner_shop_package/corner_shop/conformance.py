"""Coffer's conformance kit over this provider: the bench is the sandbox in the kit's hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from app.conformance.billing import BillingConformance, Fate, Lack
from app.hookspecs import BillingProvider, Delivery, Payer
from corner_shop.provider import CornerShopProvider
from corner_shop.sandbox import HEADER, Payment, Sandbox, signature

SECRET = "only for these tests"
STATES = {
    Fate.PROCESS: "processed",
    Fate.DECLINE: "declined",
    Fate.STAY_PENDING: "pending",
    Fate.CANCEL: "cancelled",
    Fate.TIME_OUT: "processed",
}


class CornerShopBench:
    """Drives the sandbox. With a real service this drives the service's test mode."""

    lacks: Mapping[Lack, str] = {
        Lack.MANAGE_PAGE: "a sandbox has no means of payment to change",
    }
    payer = Payer("acme", "Acme", "billing@acme.example", "acme")
    currency = "EUR"

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.sandbox.saved.add("acme")
        self._handed = 0

    @property
    def provider(self) -> BillingProvider:
        """The provider, with nothing kept but what the sandbox knows."""
        return CornerShopProvider(self.sandbox, SECRET)

    def next_charge(self, fate: Fate) -> None:
        self.sandbox.next_state = STATES[fate]
        self.sandbox.loses_answers = fate is Fate.TIME_OUT

    def pay(self, key: str) -> None:
        self.sandbox.end(key, "processed")

    def give_up(self, key: str) -> None:
        self.sandbox.end(key, "cancelled")

    def go_away(self) -> None:
        self.sandbox.is_away = True

    def come_back(self) -> None:
        self.sandbox.is_away = False

    def finish_refund(self, key: str) -> None:
        """Refunds of the sandbox are never pending."""

    def open_dispute(self, charge: str) -> None:
        self.sandbox.dispute(self._payment(charge))

    def close_dispute(self, charge: str, *, won: bool) -> None:
        self.sandbox.close_dispute(self._payment(charge), won=won)

    def deliveries(self) -> Sequence[Delivery]:
        new, self._handed = self.sandbox.sent[self._handed :], len(self.sandbox.sent)
        now = datetime.now(UTC)
        return [Delivery(body, {HEADER: signature(body, now, SECRET)}, now) for body in new]

    def taken(self, key: str) -> int:
        found = self.sandbox.payments.get(key)
        return found.money.amount if found is not None and found.state == "processed" else 0

    def given_back(self, key: str) -> int:
        return self.sandbox.given_back(key)

    def _payment(self, reference: str) -> Payment:
        found = self.sandbox.by_reference(reference)
        assert found is not None
        return found


class TestCornerShop(BillingConformance):
    """All of the kit, each test on a sandbox of its own."""

    @pytest.fixture
    def bench(self) -> CornerShopBench:
        return CornerShopBench()
