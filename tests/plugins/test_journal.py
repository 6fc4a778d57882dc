"""The journal notes each event once, forgets what is old, and is read by those who may."""

from datetime import timedelta

import pytest

from app.hookspecs import (
    CreditsDeducted,
    CreditsExhausted,
    CreditsLow,
    CycleClosed,
    HoldExpired,
    MemberJoined,
    MemberLeft,
    SubscriptionChanged,
    TopUpCompleted,
)
from app.plugin_manager import Failed
from app.services.people.sign_up import create_person
from app.services.plugins.configure import switch
from app.services.plugins.deliver import deliver
from app.services.plugins.installed import installed
from app.services.plugins.set_fields import set_setting
from tests.conftest import PASSWORD, START
from tests.web.pages.browser import Browser

numbers = iter(range(1, 10_000))


def event(kind, account="acme", at=START, **facts):
    return kind(id=f"event_1_{next(numbers)}", at=at, account=account, **facts)


def all_nine():
    spent = {"member": "bob@acme.test", "app": None, "action": "deploy", "credits": 1}
    return {
        "credits_deducted": event(CreditsDeducted, transaction="tx_1_1", balance_after=4, **spent),
        "credits_low": event(CreditsLow, available=9),
        "credits_exhausted": event(CreditsExhausted),
        "hold_expired": event(HoldExpired, hold="hold_1_1", **spent),
        "top_up_completed": event(
            TopUpCompleted, transaction="tx_1_2", credits=100, balance_after=104
        ),
        "member_joined": event(MemberJoined, email="bob@acme.test", role="member"),
        "member_left": event(MemberLeft, email="bob@acme.test", removed_by="alice@acme.test"),
        "cycle_closed": event(
            CycleClosed,
            plan="business",
            period_start=START - timedelta(days=31),
            period_end=START,
            allocated=5000,
            expired=7,
        ),
        "subscription_changed": event(
            SubscriptionChanged, plan="business", state="past_due", provider="invoice"
        ),
    }


@pytest.fixture
def journal(acme):
    switch("journal", on=True)
    return installed().plugins["journal"]


@pytest.fixture
def olga(app):
    create_person("olga@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    return Browser(app).sign_in("olga@coffer.test")


def tell(plugin, hook, told, days=90):
    answer = installed().call(plugin, hook, {"event": told}, {"days": days}, lambda _: None)
    assert not isinstance(answer, Failed), answer


def noted(plugin):
    tables = installed().lend(plugin).tables
    return tables.read("SELECT * FROM journal_entries ORDER BY at, id")


def test_each_of_the_nine_is_noted_once_however_often_it_is_told(journal):
    told = all_nine()
    for _ in range(2):
        for hook, one in told.items():
            tell(journal, hook, one)
    entries = {entry["id"]: entry for entry in noted(journal)}
    assert entries.keys() == {one.id for one in told.values()}
    assert len({entry["kind"] for entry in entries.values()}) == 9
    closed = entries[told["cycle_closed"].id]
    assert closed["at"] == START
    assert closed["facts"]["allocated"] == 5000
    assert closed["words"].startswith("The period of business since 2025-12-15 ended")
    assert told.keys() <= journal.hooks.keys()


def test_what_is_old_is_forgotten_in_its_account(journal):
    for account, days in (("acme", 40), ("other", 40), ("acme", 0)):
        at = START - timedelta(days=days)
        tell(journal, "credits_exhausted", event(CreditsExhausted, account, at), days=90)
    tell(journal, "credits_exhausted", event(CreditsExhausted), days=30)
    assert sorted(entry["account"] for entry in noted(journal)) == ["acme", "acme", "other"]


def test_what_really_happens_arrives_and_is_read(acme, journal, olga, service_token, clock):
    from app.services.credits.caller import caller_of
    from app.services.credits.spend import Spending, deduct

    caller = caller_of(service_token, START)
    deduct(caller, Spending("acme", "bob@acme.test", None, "deploy"), "k", START)
    deliver(clock.now)
    page = olga.get("/plugins/journal")
    assert "deploy cost 1; 4,999 are left" in page.main.replace("4999", "4,999")
    alice = Browser(olga.client.application).sign_in(acme.alice.email)
    page = alice.get("/plugins/journal/accounts/acme")
    assert (page.title, "bob@acme.test" in page.main) == ("Journal", True)
    bob = Browser(olga.client.application).sign_in(acme.bob.email)
    assert bob.get("/plugins/journal/accounts/acme").status == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestItsPages:
    """What is shown is the same on both databases."""

    def test_it_is_read_page_by_page_and_by_kind(self, journal, olga):
        for number in range(60):
            at = START - timedelta(minutes=number % 7)
            account = "acme" if number % 2 else "other"
            tell(journal, "credits_low", event(CreditsLow, account, at, available=number))
        tell(journal, "credits_exhausted", event(CreditsExhausted))
        page = olga.get("/plugins/journal")
        assert len(page.tree.xpath("//tbody/tr")) == 50
        (older,) = [link for link in page.links() if "before=" in link]
        rest = olga.get(older)
        assert len(rest.tree.xpath("//tbody/tr")) == 11
        words = {
            cell for each in (page, rest) for cell in each.tree.xpath("//tbody/tr/td[4]/text()")
        }
        assert len(words) == 61
        assert len(olga.get("/plugins/journal?account=acme").tree.xpath("//tbody/tr")) == 31
        assert len(olga.get("/plugins/journal?kind=empty").tree.xpath("//tbody/tr")) == 1
        assert olga.get("/plugins/journal?before=yesterday").status == 200

    def test_an_account_sees_only_its_own(self, acme, journal, olga, app):
        tell(journal, "credits_low", event(CreditsLow, "other", available=1))
        carol = Browser(app).sign_in(acme.carol.email)
        page = carol.get("/plugins/journal/accounts/acme?account=other")
        assert "Nothing to show" in page.main

    def test_how_long_it_is_kept_is_a_setting(self, journal, olga):
        tell(journal, "credits_low", event(CreditsLow, at=START - timedelta(days=5), available=1))
        assert "Nothing to show" not in olga.get("/plugins/journal").main
        set_setting("journal", "days", "3")
        assert "Nothing to show" in olga.get("/plugins/journal").main
