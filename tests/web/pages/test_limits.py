"""Limits, notifications, and what to do when credits run short, as each role sees them."""

import pytest

from app.domain.notification import CHOOSABLE, OFFERS, NotificationKind
from app.services.credits.caller import caller_of
from app.services.credits.spend import Spending, deduct
from app.services.notifications.notify import notify
from app.services.notifications.tell_people import tell_people
from app.store.database import db, transaction
from app.store.pools import POOLS
from tests.conftest import START

LIMITS = "/accounts/acme/limits"


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


@pytest.fixture
def spend(platform):
    def spend(quantity, account="acme", member="bob@acme.test", key=None):
        asked = Spending(account, member, None, "deploy", quantity)
        deduct(platform, asked, key or f"{account} {quantity}", START)
        tell_people(lambda: START)

    return spend


def test_the_owner_sets_changes_and_removes_a_limit(open_browser, acme, spend):
    alice = open_browser(acme.alice)
    assert "No limit yet" in alice.get(LIMITS).main
    fields = {"who": "each_member", "credits": "20", "per": "day", "effect": "block"}
    page = alice.follow(alice.send(LIMITS, **fields), LIMITS)
    assert "Each member: 20 credits a day" in page.main
    spend(15)
    assert "15 of 20" in alice.get(LIMITS).main
    assert "There is such a limit already" in alice.send(LIMITS, **fields).get_data(as_text=True)
    change = {"credits": "0", "per": "day", "effect": "block"}
    assert "from 1 to" in alice.send(f"{LIMITS}/limit_1", **change).get_data(as_text=True)
    page = alice.follow(alice.send(f"{LIMITS}/limit_1", **change | {"credits": "15"}), LIMITS)
    assert "reached" in page.main
    assert "nobody is stopped by it" in alice.get(f"{LIMITS}/limit_1/remove").main
    page = alice.follow(alice.send(f"{LIMITS}/limit_1/remove"), LIMITS)
    assert "No limit yet" in page.main


def test_an_admin_sets_alerts_and_a_member_sees_what_concerns_them(open_browser, acme, spend):
    carol, bob = open_browser(acme.carol), open_browser(acme.bob)
    fields = {"who": "bob@acme.test", "credits": "20", "per": "cycle", "effect": "block"}
    assert carol.send(LIMITS, **fields).status_code == 422
    carol.follow(carol.send(LIMITS, **fields | {"effect": "alert"}), LIMITS)
    spend(5)
    seen = bob.get("/accounts/acme").main
    assert "Limits that concern you" in seen
    assert "5 of 20" in seen
    assert "the owner of Acme can raise it" in seen


@pytest.mark.parametrize(
    ("who", "account", "said", "links"),
    [
        ("alice", "acme", "It renews on", ["/billing/top-up", "/billing/plans"]),
        ("carol", "acme", "Ask Alice", ["mailto:alice@acme.test"]),
        ("bob", "acme", "Ask Alice", ["mailto:alice@acme.test"]),
        ("bob", "bob", "It renews on", ["/billing/top-up", "/billing/plans"]),
    ],
)
def test_what_to_do_at_zero(open_browser, acme, spend, who, account, said, links):
    spend(5_000 if account == "acme" else 5, account)
    browser = open_browser(getattr(acme, who))
    page = browser.get(f"/accounts/{account}")
    assert "The pool is empty" in page.main
    assert said in page.main
    hrefs = page.tree.xpath("//section[@aria-labelledby='zero']//a/@href")
    for link in links:
        assert any(href.endswith(link) for href in hrefs), hrefs
    elsewhere = browser.get(f"/accounts/{account}/usage").main
    assert "The pool is empty. What to do" in " ".join(elsewhere.split())


def test_while_it_is_suspended_credits_are_not_the_answer(open_browser, acme, spend, lapse):
    spend(5_000)
    lapse()
    page = open_browser(acme.alice).get("/accounts/acme")
    assert "Pay the subscription" in page.main
    assert "Buy credits" not in page.main
    assert "pay the subscription" in open_browser(acme.bob).get("/accounts/acme").main


@pytest.fixture
def lapse(acme):
    """Let Acme's grace be over."""

    def lapse():
        with db.engine.begin() as connection:
            mine = POOLS.c.id == acme.account.id
            connection.execute(POOLS.update().where(mine).values(suspends_at=START))

    return lapse


def test_the_bell_counts_and_its_page_leads_on(open_browser, acme, spend):
    alice = open_browser(acme.alice)
    spend(4_100)
    page = alice.get("/accounts/acme")
    (bell,) = page.tree.xpath("//a[contains(@class, 'bell')]")
    unread = int(bell.get("aria-label").split()[1])
    assert unread >= 1
    page = alice.get("/notifications")
    assert "Acme has 900 credits left, under a fifth of its plan" in page.main
    first = page.tree.xpath("//ul[@class='notices']//a/@href")[0]
    assert alice.ask(first).headers["Location"].endswith("/accounts/acme/usage")
    assert f"Notifications, {unread - 1} unread" in alice.get("/").source
    newest = page.tree.xpath("//input[@name='until']/@value")[0]
    page = alice.follow(alice.send("/notifications/read", until=newest), "/notifications")
    assert "Mark all as read" not in page.main
    assert "Notifications, 0 unread" in page.source


def test_pages_of_notifications(open_browser, acme):
    bob = open_browser(acme.bob)
    assert "Nothing to tell you yet" in bob.get("/notifications").main
    with transaction():
        for number in range(45):
            what, link = f"Build {number}", "/accounts/acme/apps"
            kind = NotificationKind.ACTION_FINISHED
            notify([acme.bob.id], kind, START, link=link, what=what, outcome="succeeded")
    page = bob.get("/notifications")
    assert "Build 44 succeeded" in page.main
    assert "Build 14 succeeded" not in page.main
    (older,) = page.tree.xpath("//nav[@class='pager']//a[text()='Older']/@href")
    assert "Build 14 succeeded" in bob.get(older).main
    one = page.tree.xpath("//input[@name='one']/@value")[0]
    bob.follow(bob.send("/notifications/read", one=one), "/notifications")
    assert "Notifications, 44 unread" in bob.get("/").source
    assert bob.ask(f"/notifications/{one}").headers["Location"] == "/accounts/acme/apps"
    assert bob.ask("/notifications?before=-5").status_code == 200


def test_everybody_chooses_what_to_be_told(open_browser, acme, spend):
    alice = open_browser(acme.alice)
    page = alice.get("/profile/notifications")
    offered = page.tree.xpath("//input[@name='wanted']/@value")
    assert set(offered) == {f"{kind}-{way}" for kind, way in CHOOSABLE}
    unchecked = page.tree.xpath("//input[@name='wanted'][not(@checked)]/@value")
    assert unchecked == ["limit_block-mail", "renewed-page"]
    rows = page.tree.xpath("//tr[.//span[text()='Always']]")
    assert len(rows) == sum(offer.always_mailed for offer in OFFERS.values()) == 6
    address = "/profile/notifications"
    token = alice.token()
    sent = {"csrf_token": token, "wanted": ["credits-mail", "nonsense"]}
    page = alice.follow(alice.ask(address, "POST", data=sent), address)
    assert page.tree.xpath("//input[@name='wanted'][@checked]/@value") == ["credits-mail"]
    before = alice.get("/notifications").main
    spend(4_100)
    assert alice.get("/notifications").main == before
