"""Events: signed deliveries at the door, repeated, reordered, forged, and at the same moment."""

import random

import pytest

from app.hookspecs import ChargeChanged, Money, Pending, Processed
from app.services.billing.events import take_event, take_events
from app.services.credits.read import pool
from app.services.plugins.configure import switch
from app.store.database import db
from app.store.money_events import ProviderEventRow
from tests.conformance.bank import signature
from tests.conformance.reference_provider import HEADER
from tests.conftest import START
from tests.services.racing import at_once

PENDING = "stay pending until the payer pays or gives up"


@pytest.fixture
def build():
    """The door is what is tested."""
    from app.factory import build as with_doors

    return with_doors


@pytest.fixture
def post(client, clock, bank):
    """Send a body as the bank would."""

    def send(body, name="bank", **headers):
        signed = {HEADER: signature(body, clock.now()), **headers}
        return client.post(f"/plugins/{name}/events", data=body, headers=signed).status_code

    return send


def available(cast):
    return pool(cast.acme, START).available


def test_deliveries_duplicated_and_out_of_order(cast, alice, till, post):
    till.fate(PENDING, always=True)
    keys = [till.pack(alice).key for _ in range(4)]
    for key in keys[:3]:
        till.bank.end(key, "processed")
    till.bank.end(keys[3], "declined")
    till.bank.dispute(keys[0])
    till.bank.close_dispute(keys[0], won=True)
    till.bank.refund("elsewhere", keys[1], 2500, "EUR")
    sent = till.bank.sent() * 3
    random.Random(7).shuffle(sent)
    assert {post(body) for body in sent} == {200}
    from app.services.billing.events import take_waiting

    while take_waiting(START):
        pass
    assert available(cast) == 5_000 + 2 * 500
    assert till.states() == ["processed", "processed", "processed", "declined"]
    rows = db.session.scalars(db.select(ProviderEventRow)).all()
    assert {row.taken_at for row in rows} == {START}
    assert len(rows) == len(till.bank.sent())
    till.require_sound()


def test_what_is_not_signed_is_not_believed(cast, alice, till, post, client):
    till.fate(PENDING)
    till.bank.end(till.pack(alice).key, "processed")
    (body,) = till.bank.sent()
    assert post(body + b" ", **{HEADER: signature(body, START)}) == 400
    assert post(body, **{HEADER: ""}) == 400
    assert client.post("/plugins/bank/events", data=body).status_code == 400
    assert (available(cast), till.states()) == (5_000, ["pending"])
    assert post(body) == 200
    assert available(cast) == 5_500


def test_where_nobody_listens(cast, till, post, client):
    assert post(b"{}", name="nobody") == 404
    assert client.get("/plugins/bank/events").status_code != 200
    switch("bank", on=False)
    assert post(b"{}") == 404


def test_what_a_plugin_can_not_read_is_to_be_sent_again(till, post):
    assert post(b"no json") == 503


def test_the_same_event_from_eight_at_once(app, cast, alice, till):
    till.fate(PENDING)
    key = till.pack(alice).key
    till.bank.end(key, "processed")
    event = ChargeChanged("event-1", key, Processed("payment-1", Money(2500, "EUR")))
    taken = at_once(app, *[lambda: take_event("bank", event, START) for _ in range(8)])
    assert sorted(taken) == [False] * 7 + [True]
    assert available(cast) == 5_500
    till.require_sound()


def test_events_that_a_page_of_the_plugin_gives(cast, alice, till):
    till.fate(PENDING)
    key = till.pack(alice).key
    events = [
        ChargeChanged("late", key, Pending("payment-1")),
        ChargeChanged("paid", key, Processed("payment-1", Money(2500, "EUR"))),
    ]
    take_events("bank", reversed(events), START)
    assert available(cast) == 5_500
    take_events("bank", events, START)
    assert available(cast) == 5_500


def test_an_event_about_a_key_of_another_provider(cast, alice, till):
    till.fate(PENDING)
    key = till.pack(alice).key
    forged = ChargeChanged("mine", key, Processed("payment-1", Money(2500, "EUR")))
    take_event("cash", forged, START)
    assert (available(cast), till.states()) == (5_000, ["pending"])
