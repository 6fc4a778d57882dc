"""The conformance kit over the plugin: the real SDK, over HTTP, with the stand-in behind it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.conformance.billing import BillingConformance, Fate, Lack
from app.conformance.tables import TrialTables
from app.hookspecs import BillingProvider, Delivery, Host, Payer
from plugins.billing_stripe import manifest
from plugins.billing_stripe.amounts import from_stripe
from plugins.billing_stripe.attempts import SETTLED_AFTER
from plugins.billing_stripe.connect import connect
from plugins.billing_stripe.stand_in import world
from plugins.billing_stripe.stand_in.payments import make_customer, save_card
from plugins.billing_stripe.stand_in.server import StandIn

FATES = {
    Fate.PROCESS: "process",
    Fate.DECLINE: "decline",
    Fate.STAY_PENDING: "stay pending",
    Fate.CANCEL: "cancel",
    Fate.TIME_OUT: "time out",
}
MIGRATIONS = Path(__file__).parent / "migrations"
EMAIL = "billing@acme.example"


class StripeBench:
    """The provider, an account of its own at the stand-in, and a customer with a saved card."""

    lacks: Mapping[Lack, str] = {}
    currency = "EUR"

    def __init__(self, stand_in: StandIn) -> None:
        self._lateness = timedelta()
        secret_key = f"sk_test_{secrets.token_hex(12)}"
        self.account = stand_in.account(secret_key, self.now)
        customer = make_customer(self.account, {"name": "Acme", "email": EMAIL, "metadata": {}})
        save_card(self.account, customer["id"], world.GOOD)
        self.payer = Payer("acme", "Acme", EMAIL, customer["id"])
        self.host = Host("https://coffer.example.com", self.now, TrialTables(MIGRATIONS))
        self.settings = {field.name: field.default for field in manifest.settings} | {
            "secret_key": secret_key,
            "webhook_secret": self.account.webhook_secrets[0],
            "api_base": stand_in.url,
        }
        self.retries = 0

    def now(self) -> datetime:
        """Tell the time, which goes on while the world is away."""
        return datetime.now(UTC) + self._lateness

    @property
    def provider(self) -> BillingProvider:
        """Connect anew, with nothing kept but the plugin's tables."""
        return connect(self.host, self.settings, retries=self.retries)

    def next_charge(self, fate: Fate) -> None:
        """Say what the next charge meets with."""
        self.account.fate = FATES[fate]

    def pay(self, key: str) -> None:
        """Pay on the page, or let the bank carry out what is on its way."""
        world.pay(self.account, key)

    def give_up(self, key: str) -> None:
        """Let the page run out, or what is on its way be cancelled."""
        world.give_up(self.account, key)

    def go_away(self) -> None:
        """Break the way to Stripe."""
        self.account.is_away = True

    def come_back(self) -> None:
        """Mend it, as much later as it takes until nothing is on its way any more."""
        self.account.is_away = False
        self._lateness += SETTLED_AFTER

    def finish_refund(self, key: str) -> None:
        """Let a refund that is pending be carried out."""
        world.finish_refund(self.account, key)

    def open_dispute(self, charge: str) -> None:
        """Let the payer's bank take a payment back."""
        world.open_dispute(self.account, charge)

    def close_dispute(self, charge: str, *, won: bool) -> None:
        """Let the bank decide."""
        world.close_dispute(self.account, charge, "won" if won else "lost")

    def deliveries(self) -> Sequence[Delivery]:
        """Hand over what was sent."""
        return self.account.deliveries()

    def taken(self, key: str) -> int:
        """Add up what was charged."""
        return self._moved(key, "amount_captured")

    def given_back(self, key: str) -> int:
        """Add up what was refunded."""
        return self._moved(key, "amount_refunded")

    def _moved(self, key: str, what: str) -> int:
        charges = self.account.all("charge", status="succeeded")
        ours = (each for each in charges if each["metadata"].get("coffer_key") == key)
        return sum(from_stripe(each[what], each["currency"]).amount for each in ours)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """Serve the stand-in."""
    with StandIn() as serving:
        yield serving


class TestStripe(BillingConformance):
    """All of the kit; nothing is lacking."""

    @pytest.fixture
    def bench(self, stand_in: StandIn) -> StripeBench:
        """Give each test an account of its own."""
        return StripeBench(stand_in)
