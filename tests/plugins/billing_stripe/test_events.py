"""What is believed of what arrives, and what it says."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe

from app.hookspecs import (
    BadSignature,
    Declined,
    DisputeClosed,
    DisputeOpened,
    Pending,
    Processed,
    Refund,
    RefundChanged,
)
from plugins.billing_stripe.events import READERS
from plugins.billing_stripe.stand_in import world
from plugins.billing_stripe.stand_in.payments import make_intent, make_refund, save_card


def told(bench):
    return [event for each in bench.deliveries() for event in bench.provider.read_events(each)]


@pytest.fixture
def delivery(bench, absent):
    bench.provider.charge(absent)
    return next(
        each for each in bench.deliveries() if b'"type": "payment_intent.succeeded"' in each.body
    )


def test_while_the_secret_is_changed_both_are_believed(bench, account, delivery):
    old, new = account.webhook_secrets[0], "whsec_new"
    bench.settings["webhook_secret"] = f"{new}, {old}"
    (expected,) = bench.provider.read_events(delivery)
    account.webhook_secrets = [new]
    (fresh,) = bench.provider.read_events(account.delivery_of(json.loads(delivery.body)))
    assert fresh == expected
    account.webhook_secrets = ["whsec_other", new]
    assert bench.provider.read_events(account.delivery_of(json.loads(delivery.body)))
    bench.settings["webhook_secret"] = new
    with pytest.raises(BadSignature):
        bench.provider.read_events(delivery)


def test_without_a_secret_nothing_is_believed(bench, delivery):
    bench.settings["webhook_secret"] = " "
    with pytest.raises(BadSignature):
        bench.provider.read_events(delivery)


@pytest.mark.parametrize(
    ("seconds", "believed"), [(299, True), (301, False), (-299, True), (-301, False)]
)
def test_how_old_a_signature_may_be(bench, delivery, seconds, believed):
    signed_at = int(delivery.headers["Stripe-Signature"].partition(",")[0].partition("=")[2])
    since = delivery.received_at.timestamp() - signed_at
    late = replace(delivery, received_at=delivery.received_at + timedelta(seconds=seconds - since))
    if believed:
        assert bench.provider.read_events(late)
    else:
        with pytest.raises(BadSignature):
            bench.provider.read_events(late)


def test_an_old_delivery_is_not_made_young_by_its_header(bench, delivery):
    """The header is the attacker's, but for the signature: it must say one instant only."""
    later = delivery.received_at + timedelta(days=1)
    old, fresh = delivery.headers["Stripe-Signature"], int(later.timestamp())
    signed_at, _, signature = old.partition(",")
    for forged in (
        f"t={fresh},{old}",
        f" t={fresh},{old}",
        f"{signed_at},t={fresh},{signature}",
        f"{signed_at}=x,t={fresh},{signature}",
        f"{old},t={fresh}",
        f"t={fresh},{signature}",
        f"{signed_at},v1=é,{signature}",
    ):
        changed = replace(delivery, headers={"Stripe-Signature": forged}, received_at=later)
        with pytest.raises(BadSignature):
            bench.provider.read_events(changed)


def test_a_signature_that_is_no_text_of_ours(bench, delivery):
    for header in ("t=1,v1=é", "t=x,v1=00", "v1=00", "t=1", "t=\u0661,v1=00", ",", "t=,v1="):
        with pytest.raises(BadSignature):
            bench.provider.read_events(replace(delivery, headers={"stripe-signature": header}))


def test_events_of_other_business_say_nothing(bench, account):
    """The same Stripe account may sell other things."""
    method = save_card(account, bench.payer.reference, "4242424242424242")
    given = {
        "amount": "500",
        "currency": "eur",
        "customer": bench.payer.reference,
        "payment_method": method["id"],
        "allowed_payment_method_types": ["card"],
        "confirm": "true",
        "off_session": "true",
    }
    payment = make_intent(account, given)["id"]
    make_refund(account, {"payment_intent": payment, "amount": "100"})
    world.open_dispute(account, payment)
    world.close_dispute(account, payment, "lost")
    account.emit("customer.created", account.objects[bench.payer.reference])
    account.emit("checkout.session.completed", {"id": "cs_1", "metadata": None})
    account.emit("charge.dispute.created", {"id": "dp_1", "payment_intent": None})
    account.emit("refund.created", {"id": "re_1", "payment_intent": None, "metadata": {}})
    assert told(bench) == []
    since = bench.now() - timedelta(days=1)
    assert list(bench.provider.payments(since, bench.now() + timedelta(days=1))) == []


def test_a_thin_event_says_nothing(bench, account):
    delivery = account.delivery_of({"id": "evt_1", "object": "v2.core.event", "type": "v1.x"})
    assert bench.provider.read_events(delivery) == []


def test_a_refund_made_at_stripe_has_no_key(bench, account, absent):
    payment = bench.provider.charge(absent).reference
    bench.deliveries()
    make_refund(account, {"payment_intent": payment, "amount": "900"})
    (event,) = told(bench)
    assert (type(event), event.key, event.charge) == (RefundChanged, None, payment)
    assert isinstance(event.outcome, Processed)


@pytest.mark.parametrize(("well", "expected"), [(True, Processed), (False, Declined)])
def test_a_refund_that_takes_days(bench, account, absent, well, expected):
    payment = bench.provider.charge(absent).reference
    bench.deliveries()
    account.fate = "refund pending"
    refund = Refund("refund-1", payment, absent.money, "Closed.")
    assert isinstance(bench.provider.refund(refund), Pending)
    world.finish_refund(account, refund.key, well=well)
    begun, ended = told(bench)
    assert (begun.key, type(begun.outcome)) == (refund.key, Pending)
    assert (ended.key, type(ended.outcome)) == (refund.key, expected)
    assert type(bench.provider.find_refund(refund.key, None)) is expected


def test_an_inquiry_takes_no_money_until_it_becomes_a_dispute(bench, account, absent):
    payment = bench.provider.charge(absent).reference
    bench.deliveries()
    inquiry = world.open_dispute(account, payment, "warning_needs_response")
    assert told(bench) == []
    world.withdraw(account, inquiry)
    (opened,) = told(bench)
    assert opened == DisputeOpened(
        f"{inquiry['id']}:opened", inquiry["id"], payment, absent.money, "fraudulent"
    )
    world.close_dispute(account, payment, "lost")
    (closed,) = told(bench)
    assert (type(closed), closed.dispute, closed.won) == (DisputeClosed, inquiry["id"], False)


def test_an_inquiry_that_ends_well_was_never_a_dispute(bench, account, absent):
    payment = bench.provider.charge(absent).reference
    bench.deliveries()
    world.open_dispute(account, payment, "warning_needs_response")
    world.close_dispute(account, payment, "warning_closed")
    assert told(bench) == []


def test_a_dispute_that_is_told_twice_is_one_event(bench, absent):
    payment = bench.provider.charge(absent).reference
    bench.deliveries()
    bench.open_dispute(payment)
    first, second = told(bench)
    assert first == second


def test_what_the_bank_refuses_later_is_told(bench, account, absent):
    account.fate = "stay pending"
    assert isinstance(bench.provider.charge(absent), Pending)
    bench.deliveries()
    world.refuse(account, absent.key)
    (event,) = told(bench)
    assert (event.key, event.outcome.reason) == (
        absent.key,
        "There is not enough money on the card's account.",
    )


def test_stripe_knows_the_events_that_are_read():
    annotation = stripe.params.WebhookEndpointCreateParams.__annotations__["enabled_events"]
    known = str(annotation)
    assert [each for each in READERS if f"'{each}'" not in known and f'"{each}"' not in known] == []
