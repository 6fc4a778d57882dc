"""The operator's main job: find an account that ran low, help it, and see what its owner sees."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from app.services.credits.caller import caller_of
from app.services.credits.spend import Spending, deduct
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.open import start_workspace
from tests.browser.eyes import too_wide
from tests.browser.installation import served

OLGA, ALICE, PASSWORD = "olga@coffer.test", "alice@acme.test", "correct horse battery"
LOOKS = {
    "phone": {"viewport": {"width": 360, "height": 740}},
    "desk without scripts": {
        "viewport": {"width": 1440, "height": 900},
        "java_script_enabled": False,
    },
}

pytestmark = pytest.mark.browser


@pytest.fixture
def low(sqlite_template, tmp_path):
    """A portal in which the workspace Acme has almost used up its pool."""
    with served(sqlite_template, tmp_path, use_up) as installed:
        yield installed


def use_up(_app):
    now = datetime.now(UTC)
    create_person(OLGA, "Olga Olsen", PASSWORD, now, verified=True, operator=True)
    create_person(ALICE, "Alice Arden", PASSWORD, now, verified=True)
    start_workspace(ALICE, "acme", "Acme", "business", now, now)
    spending = Spending("acme", ALICE, None, "deploy", 4_996)
    deduct(caller_of(make_service_token("p", now)[1], now), spending, "one", now)


@pytest.mark.parametrize("look", LOOKS)
def test_an_operator_helps_an_account_that_ran_low(visit, low, look):
    olga = visit(low, **LOOKS[look]).sign_in(OLGA, PASSWORD)
    find_it(olga)
    grant(olga)
    see_as_alice(olga)
    end_it(olga)
    what_is_written(olga)


def find_it(olga):
    olga.open("/admin")
    olga.sees("1 account low on credits.")
    olga.follow("See the accounts")
    olga.follow("Acme")
    olga.headed("Acme")
    olga.sees("The pool is running low.")


def grant(olga):
    olga.follow("Credits")
    olga.fill(Credits="500", Reason="Our outage on Monday")
    olga.press("Do it")
    olga.sees("500 credits entered the pool.")
    expect(olga.page.locator(".balance-figure")).to_have_text("504")


def see_as_alice(olga):
    olga.follow("Alice Arden")
    olga.follow("See as Alice")
    olga.fill(Reason="She asked what she can do")
    olga.press("See as Alice Arden")
    bar = olga.page.get_by_role("complementary", name="You see this as somebody else")
    for path in ("/", "/accounts/acme"):
        olga.open(path)
        expect(bar).to_contain_text("You see this as Alice Arden")
        expect(bar).to_be_in_viewport()
    olga.sees("Our outage on Monday")

    olga.open("/admin", status=404)
    olga.open("/profile")
    olga.may_be_refused("/profile/name")
    olga.page.get_by_role("textbox", name="Name", exact=True).fill("Mallory")
    olga.page.locator("form[action='/profile/name'] button").click()
    olga.headed("You are only looking")
    expect(bar).to_be_visible()


def end_it(olga):
    olga.page.get_by_role("button", name="End it").click()
    olga.headed("Alice Arden")
    olga.sees("You see this as yourself again.")
    expect(olga.page.locator(".seeing")).to_have_count(0)


def what_is_written(olga):
    olga.open("/admin/audit?account=acme")
    for words in ("Gave credits", "Began to look", "Ended looking", "Our outage on Monday"):
        olga.sees(words)
    assert olga.page.viewport_size["width"] > 400 or too_wide(olga.page) == []
