"""The commands about money, with the bank for tests found by its entry point, as any plugin is."""

import json

import pytest

from app.factory import build_without_doors
from app.services.billing.purchase import buy_pack
from app.services.workspaces.access import access_to
from app.store.database import db
from app.store.people import person_by_email
from tests.conformance.bank import Bank

ALICE = "alice@acme.test"


@pytest.fixture
def bank(installed, answer, environment, tmp_path):
    """The bank, installed as a package and switched on, and Acme."""
    package = tmp_path / "site" / "bank-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: bank\nVersion: 1.0\n")
    names = "[coffer.plugins]\nbank = tests.conformance.bank_plugin\n"
    (package / "entry_points.txt").write_text(names)
    environment.syspath_prepend(str(tmp_path / "site"))
    answer("user", "create", ALICE, "--name", "Alice")
    answer("workspace", "create", "acme", "--owner", ALICE)
    assert installed("plugins", "set", "bank", "path", str(tmp_path / "bank.db")).exit_code == 0
    assert installed("plugins", "on", "bank").exit_code == 0
    return Bank(tmp_path / "bank.db")


@pytest.fixture
def buy(bank, database_url):
    """Let Alice buy a pack for Acme; returns the payment's key."""

    def pack():
        app = build_without_doors()
        with app.app_context():
            access = access_to(person_by_email(ALICE).id, "acme")[1]
            now = app.extensions["coffer"].clock.now()
            key = buy_pack(access, "pack-500", "bank", "https://coffer.test/{key}", now).key
            db.session.remove()
            db.engine.dispose()
        return key

    return pack


def test_providers_history_refund_and_disputes(buy, bank, answer, installed):
    offers = answer("billing", "providers")
    assert {"key": "bank", "title": "Bank", "charges_absent": True} in offers
    key, disputed = buy(), buy()
    assert [line["kind"] for line in answer("billing", "history", "acme")][:2] == [
        "processed",
        "asked",
    ]
    assert answer("billing", "refund", key) == {"payment": key, "refund": "processed"}
    assert installed("billing", "refund", key).exit_code == 1
    assert (bank.given_back(key), bank.given_back(disputed)) == (2500, 0)
    assert answer("billing", "disputes") == []
    assert "25.00 EUR" in installed("billing", "history", "acme").stdout
    assert answer("ledger", "verify")["agrees"] is True


def test_reconcile(buy, bank, answer, installed):
    buy()
    assert answer("billing", "reconcile", "--provider", "bank")["agree"] is True
    bank.begin("of somebody else", "x", 100, "EUR", "processed")
    result = installed("billing", "reconcile", "--provider", "bank", "--json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)["differences"]
    assert (found["kind"], found["about"]) == ("missing here", "of somebody else")
    assert installed("billing", "reconcile", "--provider", "nobody").exit_code == 1
