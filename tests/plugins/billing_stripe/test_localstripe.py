"""The plugin against localstripe, a Stripe server that others wrote: what it can, it proves here.

It has no Checkout, no portal, no disputes, no idempotency keys, no lists of a customer's payments,
no lists by time, and names no payment intent with a decline; the stand-in has these.
"""

import http.server
import json
import queue
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import stripe

from app.conformance.tables import TrialTables
from app.hookspecs import (
    BadSignature,
    Cancelled,
    Charge,
    ChargeChanged,
    Declined,
    Delivery,
    Host,
    Money,
    Payer,
    Pending,
    Processed,
    Refund,
)
from plugins import billing_stripe
from plugins.billing_stripe.conformance import MIGRATIONS

SERVER = Path(__file__).parents[2] / "servers" / "local_stripe.py"
SECRET_KEY, WEBHOOK_SECRET = "sk_test_localstripe", "whsec_localstripe"
GOOD, DECLINED, TO_CONFIRM = "4242424242424242", "4000000000000341", "4000002500003155"


@pytest.fixture(scope="module")
def base():
    """Serve localstripe in a process of its own."""
    with subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, text=True) as serving:
        yield f"http://127.0.0.1:{int(serving.stdout.readline())}"
        serving.terminate()


@pytest.fixture
def door():
    """A door for webhooks, that keeps what arrives."""
    arrived = queue.Queue()

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put(Delivery(body, dict(self.headers), datetime.now(UTC)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args): ...

    with http.server.HTTPServer(("127.0.0.1", 0), Door) as serving:
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        arrived.url = f"http://127.0.0.1:{serving.server_port}/"
        yield arrived
        serving.shutdown()


@pytest.fixture
def provider(base):
    settings = {field.name: field.default for field in billing_stripe.manifest.settings} | {
        "secret_key": SECRET_KEY,
        "webhook_secret": WEBHOOK_SECRET,
        "api_base": base,
    }
    host = Host("https://coffer.example.com", lambda: datetime.now(UTC), TrialTables(MIGRATIONS))
    (made,) = billing_stripe.billing_providers(host, settings)
    return made


@pytest.fixture
def payer_with(base):
    """Save a card the way Stripe's own pages do, and make it the default."""
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": base}).v1

    def save(number):
        card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        customer = client.customers.create({"email": "pay@acme.example", "name": "Acme"})
        method = client.payment_methods.create({"type": "card", "card": card})
        client.payment_methods.attach(method.id, {"customer": customer.id})
        default = {"default_payment_method": method.id}
        client.customers.update(customer.id, {"invoice_settings": default})
        return Payer("acme", "Acme", "pay@acme.example", customer.id)

    return save


@pytest.fixture
def charge(payer_with):
    return Charge(
        key=f"attempt-{datetime.now(UTC).timestamp()}",
        payer=payer_with(GOOD),
        money=Money(4900, "EUR"),
        description="Coffer Business, January",
        purpose="subscription",
        present=False,
        return_url="https://coffer.example.com/accounts/acme/billing",
    )


def test_a_saved_card_is_charged(provider, charge):
    outcome = provider.charge(charge)
    assert isinstance(outcome, Processed)
    assert (outcome.money, outcome.payer_reference) == (charge.money, charge.payer.reference)
    assert provider.find_charge(charge.key, outcome.reference) == outcome
    assert provider.find_charge(charge.key, None) == outcome
    assert provider.charge(charge) == outcome
    assert provider.cancel_charge(charge.key, None) == outcome


def test_a_card_that_is_declined(provider, charge, payer_with):
    outcome = provider.charge(replace(charge, payer=payer_with(DECLINED)))
    assert isinstance(outcome, Declined)
    assert "declined" in outcome.reason


def test_a_card_whose_bank_wants_the_payer(provider, charge, payer_with):
    outcome = provider.charge(replace(charge, payer=payer_with(TO_CONFIRM)))
    assert isinstance(outcome, Pending)
    assert provider.find_charge(charge.key, None) == outcome
    assert provider.cancel_charge(charge.key, None) == Cancelled(outcome.reference)
    assert provider.find_charge(charge.key, None) == Cancelled(outcome.reference)


def test_a_customer_who_is_not_known(provider, charge):
    stranger = replace(charge.payer, reference="cus_nobody")
    assert isinstance(provider.charge(replace(charge, payer=stranger)), Declined)


def test_refunds(provider, charge):
    payment = provider.charge(charge).reference
    refund = Refund(f"{charge.key}-refund", payment, Money(1900, "EUR"), "Bought by mistake.")
    outcome = provider.refund(refund)
    assert isinstance(outcome, Processed)
    assert outcome.money == refund.money
    assert provider.refund(refund) == outcome
    assert provider.find_refund(refund.key, None) == outcome
    assert provider.find_refund(refund.key, outcome.reference) == outcome


def test_a_refund_of_what_nobody_knows(provider, charge):
    refund = Refund(f"{charge.key}-refund", "pi_nothing", charge.money, "Bought by mistake.")
    assert isinstance(provider.refund(refund), Declined)


def test_signed_webhooks(base, provider, charge, door):
    watched = {"events": ["payment_intent.succeeded"], "url": door.url, "secret": WEBHOOK_SECRET}
    requests.post(f"{base}/_config/webhooks/coffer", json=watched, timeout=5).raise_for_status()
    outcome = provider.charge(charge)
    while (delivery := door.get(timeout=10)) and charge.key.encode() not in delivery.body:
        continue  # what earlier tests charged
    (event,) = provider.read_events(delivery)
    assert event == ChargeChanged(json.loads(delivery.body)["id"], charge.key, outcome)
    with pytest.raises(BadSignature):
        provider.read_events(replace(delivery, body=delivery.body.replace(b"4900", b"4901")))
