"""The operator's payments: what needs somebody to look, each payment's file, giving a pack back."""

import pytest

from app.hookspecs import DisputeOpened, Money
from app.services.billing.events import take_event
from app.services.billing.purchase import buy_pack
from app.services.credits.read import pool
from app.services.people.sign_up import create_person
from app.services.plugins.configure import set_setting, switch
from app.services.plugins.installed import installed
from app.services.workspaces.access import access_to
from app.store.database import db
from app.store.payments import PaymentAttempt
from tests.conformance import bank_plugin
from tests.conformance.bank import Bank
from tests.conftest import PASSWORD, START


@pytest.fixture
def olga(app, open_browser):
    made = create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    return open_browser(made)


@pytest.fixture
def bank(app, clock, tmp_path):
    path = tmp_path / "bank.db"
    installed().load("bank", "the tests", lambda: bank_plugin)
    set_setting("bank", "path", str(path))
    switch("bank", on=True)
    return Bank(path, clock.now)


@pytest.fixture
def pack(acme, bank):
    """A pack that Alice bought for Acme."""
    access = access_to(acme.alice.id, "acme")[1]
    return buy_pack(access, "pack-500", "bank", "https://coffer.test/{key}", START).key


def test_nothing_was_paid_yet(olga):
    page = olga.get("/admin/payments")
    assert "Nothing was paid yet" in page.main
    assert "nothing is disputed" in page.main
    assert olga.get("/admin/payments/pay-of-nobody").status == 404


def test_disputes_differences_and_strange_events_stand_first(olga, pack, bank, later):
    take_event("bank", DisputeOpened("o-1", "d-1", "payment-1", Money(2500, "EUR"), "No."), START)
    take_event("bank", DisputeOpened("o-2", "d-2", "payment-9", Money(2500, "EUR"), "No."), START)
    bank.begin("of somebody else", "x", 100, "EUR", "processed")
    later(hours=1)
    olga.send("/admin/payments/compare")
    page = olga.get("/admin/payments")
    assert page.rows("disputes")[0][1] == "acme"
    assert [row[0] for row in page.rows("differences")] == ["of somebody else"]
    assert [row[0] for row in page.rows("waiting")] == ["o-2"]
    ((words, account, _, by, state, amount),) = page.rows("payments")
    assert (words, account, by) == ("Top-up of 500 credits", "Acme", "Bank")
    assert (state, amount) == ("paid", "25.00 EUR")


def test_an_operator_gives_an_unused_pack_back(olga, acme, pack, bank):
    page = olga.get(f"/admin/payments/{pack}")
    assert [row[1] for row in page.rows("lines")] == ["Asked", "Processed"]
    assert "Take 500 credits out" in page.main
    olga.send(f"/admin/payments/{pack}", reason="")
    assert bank.given_back(pack) == 0
    olga.send(f"/admin/payments/{pack}", reason="Bought twice.")
    assert bank.given_back(pack) == 2500
    assert pool(acme.account, START).available == 5_000
    page = olga.get(f"/admin/payments/{pack}")
    assert "Bought twice." in page.main
    assert "Olga" in page.main
    assert "Give it back" not in page.main
    olga.send(f"/admin/payments/{pack}", reason="Again.")
    assert bank.given_back(pack) == 2500


def test_money_without_effect_is_shown_until_somebody_dealt_with_it(olga, pack):
    db.session.execute(db.update(PaymentAttempt).values(problem="The money came twice."))
    db.session.commit()
    ((words, *_),) = olga.get("/admin/payments").rows("unsettled")
    assert words == "Top-up of 500 creditsThe money came twice."
    page = olga.submit(f"/admin/payments/{pack}", f"/admin/payments/{pack}/settled")
    assert page.rows("lines")[-1][1:4] == ["Problem settled", "Olga", "The money came twice."]
    assert "Nothing: every payment had its effect" in olga.get("/admin/payments").main
    assert olga.send("/admin/payments/pay-of-nobody/settled").status_code == 404
