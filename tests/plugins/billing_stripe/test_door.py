"""Stripe's deliveries over HTTP, through the portal's real door."""

import secrets
import threading

import pytest
import requests
from werkzeug.serving import make_server

from app.services.billing.purchase import buy_pack
from app.services.credits.read import pool
from app.services.directory import directory
from app.services.plugins.configure import switch
from app.services.plugins.set_fields import set_setting
from app.services.workspaces.access import access_to
from plugins.billing_stripe.stand_in import world

NAME = "billing_stripe"


@pytest.fixture
def account(app, clock, stand_in):
    made = stand_in.account(secret_key := f"sk_test_{secrets.token_hex(12)}", clock.now)
    set_setting(NAME, "secret_key", secret_key)
    set_setting(NAME, "webhook_secret", made.webhook_secrets[0])
    set_setting(NAME, "api_base", stand_in.url)
    switch(NAME, on=True)
    return made


@pytest.fixture
def door(app):
    """Serve the portal, and give the address where Stripe delivers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/plugins/{NAME}/events"
    server.shutdown()
    server.server_close()


def bring(door, delivery):
    return requests.post(door, delivery.body, headers=delivery.headers, timeout=10).status_code


def test_what_stripe_delivers_brings_credits_once(app, acme, account, door, clock):
    access = access_to(acme.alice.id, "acme")[1]
    pack = next(iter(directory().catalogue(clock.now()).packs.values()))
    before = pool(acme.account, clock.now()).available
    bought = buy_pack(access, pack.key, "stripe", "https://coffer.example.com", clock.now())
    world.pay(account, bought.key)
    sent = account.deliveries()
    account.webhook_secrets = ["whsec_somebody_else"]
    forged = account.delivery_of(account.events[-1])
    assert bring(door, forged) == 400
    assert pool(acme.account, clock.now()).available == before
    assert [bring(door, each) for each in [*sent, *sent]] == [200] * 2 * len(sent)
    assert pool(acme.account, clock.now()).available == before + pack.credits


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_can_not_be_read_now_is_sent_again(app, acme, account, door, clock):
    """A refund made at Stripe can't be told from other business while Stripe is away."""
    payment = {"id": "re_1", "payment_intent": "pi_1", "metadata": {}, "status": "succeeded"}
    account.emit("refund.created", payment)
    (delivery,) = account.deliveries()
    account.is_away = True
    assert bring(door, delivery) == 503
    switch(NAME, on=False)
    assert bring(door, delivery) == 404
