"""From buying to credits: the portal, its own tables, its billing, and Stripe behind the plugin."""

import secrets

import pytest

from app.domain.payment import AttemptState
from app.factory import build_without_doors
from app.services.billing.auto_top_up import set_auto_top_up, top_up_what_is_low
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.events import NotBelieved, read_delivery, take_waiting
from app.services.billing.look_after import ask_about, payment
from app.services.billing.manage import manage_page
from app.services.billing.providers import offers
from app.services.billing.purchase import buy_pack, buy_plan
from app.services.billing.reconcile import reconcile
from app.services.billing.refund import refund_pack
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.directory import directory
from app.services.plugins.configure import switch
from app.services.plugins.listing import show_plugin
from app.services.plugins.set_fields import set_setting
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from plugins.billing_stripe.stand_in import world
from tests.conftest import START

NAME = "billing_stripe"
ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BACK = "https://coffer.example.com/accounts/acme/billing?payment={key}"


@pytest.fixture
def build():
    """The verbs need no doors; `test_door` has them."""
    return build_without_doors


@pytest.fixture
def account(app, clock, stand_in):
    """Stripe, as the portal is told by settings; its clock is the portal's."""
    secret_key = f"sk_test_{secrets.token_hex(12)}"
    made = stand_in.account(secret_key, clock.now)
    set_setting(NAME, "secret_key", secret_key)
    set_setting(NAME, "webhook_secret", made.webhook_secrets[0])
    set_setting(NAME, "api_base", stand_in.url)
    switch(NAME, on=True)
    return made


@pytest.fixture
def access(acme):
    return access_to(acme.alice.id, "acme")[1]


@pytest.fixture
def pack(app, clock):
    return next(iter(directory().catalogue(clock.now()).packs.values()))


@pytest.fixture
def deliver(account, clock):
    """Bring what Stripe sent, as often and in the order that is asked for."""

    def bring(order=lambda sent: sent):
        for delivery in order(account.deliveries()):
            read_delivery(NAME, delivery.body, delivery.headers, clock.now())

    return bring


def credits(acme, clock):
    return pool(acme.account, clock.now()).available


def test_a_pack_is_bought_once_whatever_is_repeated_or_reordered(
    acme, access, account, pack, clock, deliver
):
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    assert bought.visit.startswith("https://checkout.stripe.com/")
    world.pay(account, bought.key)
    deliver(lambda sent: [*reversed(sent), *sent, *sent])
    assert payment(access, bought.key, clock.now()).state is AttemptState.PROCESSED
    assert credits(acme, clock) == before + pack.credits


@ON_ONE_DATABASE
def test_without_any_delivery_asking_finds_out(acme, access, account, pack, clock, later):
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, bought.key)
    assert ask_about(bought.key, later(minutes=5)) is AttemptState.PROCESSED
    assert credits(acme, clock) == before + pack.credits


@ON_ONE_DATABASE
def test_a_pool_that_runs_low_is_filled_from_the_saved_card(
    acme, access, account, pack, clock, deliver, later
):
    first = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, first.key)
    deliver()
    before = credits(acme, clock)
    set_auto_top_up(access, before + 1, pack.key, "stripe", pack.amount, clock.now())
    later(minutes=1)
    assert top_up_what_is_low(clock.now()) == 1
    deliver()
    assert credits(acme, clock) == before + pack.credits
    assert len(account.all("charge")) == 2


def test_a_plan_is_renewed_from_the_saved_card_once_for_each_period(
    acme, account, clock, deliver, later
):
    own = personal_account(acme.alice.id)
    access = access_to(acme.alice.id, own.slug)[1]
    bought = buy_plan(access, "pro", "stripe", BACK, clock.now())
    world.pay(account, bought.key)
    deliver()
    assert payment(access, bought.key, clock.now()).state is AttemptState.PROCESSED
    for renewal in (1, 2):
        close_due_periods(later(days=31))
        assert charge_due_periods(clock.now()) == 1
        assert charge_due_periods(clock.now()) == 0
        deliver(lambda sent: [*sent, *sent])
        charges = account.all("charge")
        assert len(charges) == 1 + renewal
    keys = {charge["metadata"]["coffer_key"] for charge in charges}
    assert len(keys) == len(charges)
    assert {charge["amount"] for charge in charges} == {bought.money.amount}
    assert manage_page(access, "stripe", BACK, clock.now()).startswith("https://billing.stripe.com")
    assert reconcile("stripe", START, clock.now(), clock.now()) == []
    charges[-1]["amount_refunded"] = 100
    (difference,) = reconcile("stripe", START, clock.now(), clock.now())
    assert difference.kind == "refunded"


def test_a_lost_answer_is_found_out_and_paid_once(
    acme, access, account, pack, clock, deliver, later
):
    first = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, first.key)
    deliver()
    account.answers_to_lose = 2
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    assert bought.visit is None
    assert ask_about(bought.key, later(minutes=5)) is AttemptState.PENDING
    found = payment(access, bought.key, clock.now())
    assert found.visit.startswith("https://checkout.stripe.com/")
    world.pay(account, bought.key)
    deliver()
    assert len(account.all("charge")) == 2
    assert credits(acme, clock) == before + pack.credits


@ON_ONE_DATABASE
def test_an_unused_pack_is_given_back(acme, access, account, pack, clock, deliver):
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, bought.key)
    deliver()
    refund_pack(access, bought.key, clock.now())
    deliver(lambda sent: [*reversed(sent), *sent])
    assert credits(acme, clock) == before
    (charge,) = account.all("charge")
    assert charge["amount_refunded"] == pack.amount


@ON_ONE_DATABASE
@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_takes_back_what_is_left(acme, access, account, pack, clock, deliver, status):
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, bought.key)
    (charge,) = account.all("charge")
    world.open_dispute(account, charge["payment_intent"])
    deliver(lambda sent: [*reversed(sent), *sent])
    take_waiting(clock.now())
    assert credits(acme, clock) == before
    world.close_dispute(account, charge["payment_intent"], status)
    deliver()
    assert credits(acme, clock) == before + (pack.credits if status == "won" else 0)


@ON_ONE_DATABASE
def test_what_is_not_signed_is_not_believed(access, account, pack, clock, acme):
    before = credits(acme, clock)
    bought = buy_pack(access, pack.key, "stripe", BACK, clock.now())
    world.pay(account, bought.key)
    account.webhook_secrets = ["whsec_somebody_else"]
    for delivery in account.deliveries():
        with pytest.raises(NotBelieved):
            read_delivery(NAME, delivery.body, delivery.headers, clock.now())
    assert credits(acme, clock) == before


@ON_ONE_DATABASE
def test_the_operator_sees_the_plugin_and_no_secret(account, clock):
    assert [offer.title for offer in offers(clock.now()) if offer.key == "stripe"] == ["Card"]
    shown = repr(show_plugin(NAME, clock.now()))
    assert "Card payments through Stripe." in shown
    assert account.webhook_secrets[0] not in shown
