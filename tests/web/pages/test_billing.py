"""The billing page: the plan in plain words, what comes, what was; and who may change it."""

from datetime import timedelta

import pytest

from app.domain.grant import Source
from app.services.billing.change_plan import cancel_plan
from app.services.billing.payments import declined
from app.services.credits.grant import grant_credits
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from tests.conftest import START

BILLING = "/accounts/acme/billing"


@pytest.fixture
def page_of(open_browser):
    return lambda someone, path=BILLING: open_browser(someone).get(path)


def test_everybody_in_it_sees_plan_past_and_future(acme, page_of, spend, later):
    spend(acme.bob, quantity=300)
    grant_credits("acme", 70, Source.TOP_UP, None, None, START)
    later(days=32)
    for someone in (acme.alice, acme.carol, acme.bob):
        page = page_of(someone)
        assert page.title == "Billing"
        assert "It renews on 15 Mar 2026, 12:00 UTC with 5,000 credits." in page.main
        latest, first = page.rows("past")
        assert latest[0] == "15 Feb 2026 \u2013 15 Mar 2026Business, open"
        assert latest[1:] == ["4,700", "5,000", "0", "0", "0", "0"]
        assert first[0] == "15 Jan 2026 \u2013 15 Feb 2026Business"
        assert first[1:] == ["0", "5,000", "70", "300", "0", "0"]
        (renewal,) = page.rows("coming")[:1]
        assert renewal[0] == "15 Mar 2026, 12:00 UTC"
        assert renewal[1] == (
            "Business renews, 5,000 credits carried over."
            " Expiry of 4,700 credits of an earlier allocation."
        )
        assert renewal[2:] == ["+5,000", "\u22124,700", "10,070"]


def test_only_the_owner_is_offered_buttons(acme, page_of):
    assert page_of(acme.alice).actions() == [f"{BILLING}/cancel"]
    assert page_of(acme.carol).actions() == page_of(acme.bob).actions() == []
    assert "The owner of Acme looks after the plan" in page_of(acme.bob).main


def test_cancel_and_keep(acme, open_browser):
    alice = open_browser(acme.alice)
    page = alice.submit(BILLING, f"{BILLING}/cancel")
    assert "The plan ends with its period." in page.main
    assert "What is left can be spent until 22 Feb 2026, 12:00 UTC" in page.main
    assert any("Nobody can spend from here on." in row[1] for row in page.rows("coming"))
    page = alice.submit(BILLING, f"{BILLING}/resume")
    assert "It renews on 15 Feb 2026" in page.main


def test_a_lapse_is_said_in_plain_words(acme, page_of, later):
    declined(acme.account.id, 1, START)
    assert "A payment is missing. Until 22 Jan 2026" in page_of(acme.bob).main
    overview = page_of(acme.bob, "/accounts/acme")
    assert "from 22 Jan 2026, 12:00 UTC on nobody can spend" in overview.main
    later(days=8)
    assert "nobody can spend. Nothing is lost" in page_of(acme.bob).main
    assert (
        "The subscription lapsed, so nobody can spend" in page_of(acme.bob, "/accounts/acme").main
    )


def test_after_the_end_there_is_nothing_to_keep(acme, page_of, later):
    cancel_plan(access_to(acme.alice.id, "acme")[1], START)
    later(days=40)
    assert page_of(acme.alice).actions() == []


def test_a_free_plan_is_shown_by_its_first_days(acme, page_of):
    own = personal_account(acme.bob.id)
    page = page_of(acme.bob, f"/accounts/{own.slug}/billing")
    assert len(page.rows("coming")) == 7
    assert "renews every day at midnight UTC" in page.main
    assert page.actions() == []


def test_older_periods_are_a_page_away(acme, open_browser, later):
    later(days=31 * 20)
    bob = open_browser(acme.bob)
    page = bob.get(BILLING)
    assert len(page.rows("past")) == 12
    (older,) = [link for link in page.links() if "before=" in link]
    page = bob.get(older)
    assert page.rows("past")[-1][0].startswith("15 Jan 2026 \u2013 15 Feb 2026")
    assert BILLING in page.links()


@pytest.mark.parametrize("before", ["0", "-3", "9" * 30, "x"])
def test_a_strange_page_number_harms_nobody(acme, page_of, before):
    assert page_of(acme.bob, f"{BILLING}?before={before}").status == 200


def test_the_tab_is_there_for_all(acme, page_of):
    for someone in (acme.alice, acme.bob):
        assert BILLING in page_of(someone, "/accounts/acme").links("//nav")


def test_what_time_did_is_settled_first(acme, page_of, later):
    now = later(days=31)
    page = page_of(acme.bob)
    assert now - START == timedelta(days=31)
    assert len(page.rows("past")) == 2
