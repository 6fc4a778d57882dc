"""Buying through the pages: plans, packs, top-up by itself, and what becomes of each payment."""

import pytest

from app.conformance.billing import Fate
from app.services.credits.read import pool
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from app.store.database import db
from tests.services.billing.engine import conftest as money

BILLING = "/accounts/acme/billing"
bank = money.bank


@pytest.fixture
def alice_s(acme, open_browser, bank):
    """Alice's browser, where there is a way to pay."""
    return open_browser(acme.alice)


def available(account, clock):
    db.session.rollback()
    return pool(account, clock.now()).available


def test_a_newcomer_pays_and_opens_a_workspace(charlie, open_browser, bank):
    browser = open_browser(charlie)
    page = browser.get("/workspaces/new")
    assert "First, its subscription" in page.main
    (pay,) = [link for link in page.links() if "/billing/plans/" in link]
    page = browser.submit(pay)
    assert "Paid. One step is left: give the workspace its name." in page.main
    assert "/workspaces/new" in page.links()
    page = browser.submit("/workspaces/new", name="Night Shift")
    assert page.path == "/accounts/night-shift"
    assert "5,000" in page.main
    billing = browser.get("/accounts/night-shift/billing")
    assert "gave this plan" not in billing.main
    assert "Change the means of payment" in billing.main


def test_a_person_goes_up_and_comes_down(charlie, open_browser, bank, clock):
    browser, own = open_browser(charlie), personal_account(charlie.id)
    billing = f"/accounts/{own.slug}/billing"
    assert available(own, clock) == 5
    page = browser.submit(f"{billing}/plans/pro")
    assert "Paid. The plan runs." in page.main
    assert available(own, clock) >= 300
    assert "your plan" in browser.get(f"{billing}/plans").main
    page = browser.submit(f"{billing}/plans", f"{billing}/plans/free/later")
    assert "Free begins with the next period." in page.main
    assert "On 15 Feb 2026, 12:00 UTC it changes to Free." in page.main
    assert "begins 15 Feb 2026" in browser.get(f"{billing}/plans").main


def test_a_pack_is_bought_and_given_back(alice_s, acme, clock):
    before = available(acme.account, clock)
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    assert "Paid. 500 credits are in the pool of Acme" in page.main
    assert available(acme.account, clock) == before + 500
    page = alice_s.submit(page.path, f"{page.path}/refund")
    assert "The money went back, and the credits left the pool." in page.main
    assert available(acme.account, clock) == before
    page = alice_s.get(f"{BILLING}/payments")
    assert page.rows("payments")[0][0] == "Top-up of 500 credits"
    assert page.rows("payments")[0][2:] == ["Bank", "paid", "25.00 EUR"]
    assert [row[1] for row in page.rows("lines")][-1] == "Asked"


def test_a_used_pack_is_not_given_back(alice_s, acme, spend):
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    spend(acme.bob, quantity=5_001)
    page = alice_s.submit(page.path, f"{page.path}/refund")
    assert page.status == 409
    assert "used" in page.main


def test_what_waits_can_be_given_up(alice_s, bank, acme, clock):
    before = available(acme.account, clock)
    bank.say("fate", Fate.STAY_PENDING.value)
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    assert page.links() == ["https://bank.test/pay/1"]
    assert page.headers["Refresh"] == "0; url=https://bank.test/pay/1"
    (waiting,) = [link for link in alice_s.get(f"{BILLING}/payments").links() if "/pay-" in link]
    page = alice_s.get(waiting)
    assert "How it stands waits" in page.main
    page = alice_s.submit(page.path, f"{page.path}/give-up")
    assert "It was given up. No money moved." in page.main
    assert available(acme.account, clock) == before


def test_what_was_declined_says_why_and_can_be_tried_again(alice_s, bank):
    bank.say("fate", Fate.DECLINE.value)
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    assert "No money moved." in page.main
    assert f"{BILLING}/top-up" in page.links()


def test_what_is_not_known_is_said_and_asked_again(alice_s, bank):
    bank.say("away", "yes")
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    assert "nothing is charged twice" in page.main
    bank.say("away", "no")
    assert alice_s.get(page.path).status == 200


def test_top_up_by_itself_is_set_and_stopped(alice_s):
    form = f"{BILLING}/auto-top-up"
    page = alice_s.submit(form, threshold="0")
    assert page.status == 422
    page = alice_s.submit(form, threshold="50", pack="pack-500", most="3")
    assert "Automatic top-up is on." in page.main
    page = alice_s.get(form)
    assert "Spent this month: 0.00 EUR of at most 75.00 EUR." in page.main
    page = alice_s.submit(form, f"{form}/stop")
    assert "Automatic top-up is off." in page.main


def test_without_a_way_to_pay_it_says_whom_to_ask(acme, open_browser):
    alice = open_browser(acme.alice)
    for path in ("/plans", "/top-up", "/auto-top-up", "/plans/business"):
        page = alice.get(BILLING + path)
        assert page.status == 200
        assert not any(action.startswith(BILLING) for action in page.actions()), path
    assert "Write to whoever runs this portal" in alice.get(f"{BILLING}/top-up").main
    assert "Write to them" in alice.get(BILLING).main


def test_a_payment_of_another_account_is_not_shown(alice_s, acme, open_browser):
    page = alice_s.submit(f"{BILLING}/top-up", pack="pack-500")
    key = page.path.rpartition("/")[2]
    own = personal_account(acme.alice.id)
    assert alice_s.get(f"/accounts/{own.slug}/billing/payments/{key}").status == 404
    assert access_to(acme.bob.id, "acme")[1].role == "member"
    assert open_browser(acme.bob).get(page.path).status == 403
