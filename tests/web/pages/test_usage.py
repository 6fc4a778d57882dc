"""The usage of an account: every bar leads to the lines that add up to it, and they agree."""

import csv
import io
from datetime import timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.grant import Source
from app.domain.role import Role
from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.credits.finish import refund
from app.services.credits.grant import grant_credits
from app.services.credits.spend import Spending, deduct
from app.services.credits.sum_usage import sum_usage_of
from app.services.tokens.make_token import make_app_key, make_service_token
from app.services.usage.statement import choices, statement
from app.services.workspaces.access import access_to
from app.services.workspaces.join import add_member
from app.store.apps import App
from tests.conftest import START, person
from tests.web.pages.browser import words

USAGE, HISTORY = "/accounts/acme/usage", "/accounts/acme/history"
STATEMENT = "/accounts/acme/statement"
BY = ["member", "app", "action", "day"]
DAYS = "since=2026-01-10&until=2026-03-20"


@pytest.fixture
def alices(open_browser, acme):
    """Alice's browser."""
    return open_browser(acme.alice)


@pytest.fixture
def story(acme, spend, later, clock):
    """Two cycles of work: with an app or none, by its key alone, some of it refunded."""
    access = access_to(acme.alice.id, "acme")[1]
    apps: list[App | None] = [create_app(access, name, "", START) for name in ("Shop", "Desk")]
    key = caller_of(make_app_key(access, apps[0].id, "k", START)[1], START)
    service = caller_of(make_service_token("mend", START)[1], START)
    people = [acme.bob, acme.bob, acme.carol, acme.alice]
    for number in range(44):
        clock.set(START + number * timedelta(hours=31))
        who = people[number % 4]
        action, app = ("deploy", "ai.video")[number % 2], [*apps, None][number % 3]
        paid = spend(who, action, number % 5 + 1, app)
        if number % 6 == 0:
            alone = Spending(None, None, None, "ai.completion", 3)
            deduct(key, alone, f"key-{number}", clock.now())
        if number % 9 == 0:
            refund(service, paid.id, None, "It was empty", None, clock.now())
    return clock.now()


def number(text):
    """A number as pages write it."""
    return int(text.replace("\u2212", "-").replace("+", "").replace(",", ""))


def lines_of(browser, link):
    """The credits of all lines that a link finds, page by page, refunds included."""
    found, page = [], browser.get(link)
    while True:
        found += [number(row[4]) for row in page.rows("lines")]
        older = [each for each in page.links() if "before=" in each]
        if not older:
            return found, page
        page = browser.get(older[0])


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize("by", BY)
def test_each_bar_leads_to_lines_that_add_up_to_it(acme, story, alices, by, summed):
    """Whether sums were made or not; also those of no member and of no app, and refunds."""
    if summed:
        assert sum_usage_of(acme.account.id)
    page = alices.get(f"{USAGE}?by={by}&{DAYS}")
    rows = page.tree.xpath("//table[@aria-labelledby='report']/tbody/tr")
    total = 0
    for row in rows:
        credits = number(words(row[1]))
        total += credits
        links = row.xpath("./th//a/@href")
        if links:
            found, history = lines_of(alices, links[0])
            assert -sum(found) == credits, links[0]
            told = f"{credits} credit{'' if credits == 1 else 's'} used in "
            assert told.replace("-", "\u2212") in history.main
        else:
            assert credits == 0
    assert f"{total} credits used" in page.main
    charted = page.tree.xpath("//figure//*[@class='bar']//*[local-name()='a']/@href")
    assert set(charted) <= set(page.links("//table"))
    assert len(charted) == len(page.tree.xpath("//table[@aria-labelledby='report']//th//a"))


def test_this_cycle_is_compared_with_the_last(open_browser, acme, spend, clock):
    """The same days of both; a sign to see and a sentence to hear; a whole cycle, too."""
    spend(acme.bob, "deploy", quantity=40)
    spend(acme.carol, "deploy", quantity=10)
    clock.set(START + timedelta(days=20))
    spend(acme.bob, "deploy", quantity=500)
    clock.set(START + timedelta(days=33))
    spend(acme.bob, "deploy", quantity=55)
    spend(acme.alice, "deploy", quantity=7)
    alices = open_browser(acme.alice)
    page = alices.get(USAGE)
    assert "15 Feb 2026 to 17 Feb 2026, 12 more than in the same days of the last" in page.main
    assert page.rows("report") == [
        ["Bob Birchbob@acme.test", "55", "89%", "▲ 1515 more than the 40 before", "1"],
        ["Alice Ardenalice@acme.test", "7", "11%", "new: nothing before", "1"],
    ]
    last = next(link for link in page.links() if "since=2026-01-15" in link)
    assert parse_qs(urlsplit(last).query)["until"] == ["2026-02-14"]
    assert alices.get(last).rows("report")[0][1] == "540"


def test_the_pool_runs_out_on_a_day(open_browser, acme, spend, clock):
    """Two weeks of 300 a day; what is left lasts for two more days, long before the renewal."""
    for day in range(14):
        clock.set(START + timedelta(days=day))
        spend(acme.bob, "deploy", quantity=300 + day % 3)
    clock.set(START + timedelta(days=14))
    alices = open_browser(acme.alice)
    page = alices.get(USAGE)
    assert "At this pace the pool runs out" in page.main
    assert "1 Feb 2026, before it renews on 15 Feb 2026." in page.main
    moments = page.rows("burning")
    assert moments[0][:2] == ["15 Jan 2026, 12:00 UTC", "5,000"]
    assert moments[1][1] == "4,700"
    assert [row for row in moments if row[1].startswith("about")]
    assert "At this pace the pool runs out" in alices.get("/accounts/acme").main


def test_too_little_history_is_said(alices, acme, spend):
    spend(acme.bob)
    assert "It is too early to say" in alices.get(USAGE).main


def test_who_stands_out_is_pointed_out_kindly(alices, acme, spend, open_browser):
    """With the numbers why, and a way to what it was."""
    spend(acme.bob, "deploy", quantity=620)
    spend(acme.carol, "deploy", quantity=40)
    spend(acme.alice, "deploy", quantity=60)
    page = alices.get(USAGE)
    assert "Bob Birch used 86% of these credits; the other 2 members who used any" in page.main
    assert "used 7% each on average" in page.main
    assert "Perhaps Bob Birch is doing a big job; perhaps something runs in a loop." in page.main
    link = next(each for each in page.links("//*[@role='note']") if "history" in each)
    assert sum(lines_of(alices, link)[0]) == -620
    assert "big job" not in alices.get(f"{USAGE}?by=app").main


def test_a_crowd_is_shown_in_pages_and_searched(alices, acme, spend):
    """Twenty-five at a time, the most first; a part of a name or an address finds the others."""
    crowd = [person(f"w{n}@crowd.test", f"Worker {n}") for n in range(60)]
    for number, worker in enumerate(crowd):
        add_member("acme", worker.email, Role.MEMBER, START)
        spend(worker, "deploy", quantity=number + 1)
    first = alices.get(USAGE)
    assert (len(first.rows("report")), "60 rows, page 1 of 3" in first.main) == (25, True)
    (following,) = [link for link in first.links() if "page=2" in link]
    second = alices.get(following)
    assert [row[1] for row in second.rows("report")] == [str(n) for n in range(35, 10, -1)]
    assert len([link for link in second.links() if "page=" in link]) == 2
    found = alices.get(f"{USAGE}?search=W7%40").rows("report")
    assert [row[0] for row in found] == ["Worker 7w7@crowd.test"]
    assert "Nothing fits" in alices.get(f"{USAGE}?search=nobody").main
    assert "ends before this page" in alices.get(f"{USAGE}?page=9").main


@pytest.mark.parametrize("by", BY)
def test_the_csv_says_the_same(story, alices, by):
    """All rows, with safe cells and a name that says what it is."""
    answer = alices.ask(f"{USAGE}.csv?by={by}&{DAYS}")
    assert f"usage-by-{by}-2026-01-10-2026-03-20.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    page = alices.get(f"{USAGE}?by={by}&{DAYS}")
    assert f"{sum(int(row['credits']) for row in rows)} credits used" in page.main
    assert abs(sum(float(row["share"]) for row in rows) - 1) < 0.01
    assert {"name", "credits", "actions", "share", "credits_before", by} == set(rows[0])


@pytest.mark.parametrize("query", ["search=%00%1b", "page=x", "page=-3", "page=" + "9" * 30, "by="])
def test_nonsense_is_answered_kindly(alices, acme, spend, query):
    spend(acme.bob)
    assert alices.get(f"{USAGE}?{query}").status in (200, 422)


def test_statements_agree_with_the_ledger(open_browser, acme, story, clock):
    """Each month and each cycle begins with what the one before ended with, as the lines say."""
    grant_credits("acme", 500, Source.TOP_UP, None, "Pack", clock.now())
    sum_usage_of(acme.account.id)
    clock.set(clock.now() + timedelta(days=70))
    known = choices(acme.account, clock.now())
    for kind in ("20", "cycle"):
        keys = [each.key for each in known[::-1] if each.key.startswith(kind)]
        drawn = [statement(acme.account, key, clock.now()) for key in keys]
        assert len(drawn) >= 4
        assert drawn[0].opening == 0
        for before, after in pairwise(drawn):
            assert before.closing == after.opening
        for each in drawn:
            for parts in (each.members, each.apps, each.actions_used):
                assert sum(part.credits for part in parts) == each.used
                assert sum(part.count for part in parts) == each.actions
    assert {each.refunded > 0 for each in drawn} == {True, False}
    assert sum(each.expired for each in drawn) > 0
    overview = open_browser(acme.alice).get("/accounts/acme")
    (now,) = overview.tree.xpath("//p[contains(@class, 'balance-figure')]")
    assert words(now) == f"{drawn[-1].closing:,}"


def test_a_statement_is_a_page_and_a_pdf(acme, story, alices, clock):
    """January, which is over, unless another is asked for; the same bytes each time."""
    page = alices.get(f"{STATEMENT}?period=2026-01")
    assert "Acme, January 2026" in page.main
    amounts = [number(row[1]) for row in page.rows("balance")]
    assert amounts[0] == 0
    assert sum(amounts[:-1]) == amounts[-1]
    assert "Bob Birchbob@acme.test" in [row[0] for row in page.rows("members")]
    (link,) = [each for each in page.links() if each.endswith(".pdf")]
    printed = alices.ask(link)
    assert printed.data.startswith(b"%PDF")
    assert printed.data == alices.ask(link).data
    assert "Acme, February 2026" in alices.get(STATEMENT).main
    assert alices.get(f"{STATEMENT}?period=2020-01").status == 200
    for period, status in (("2031-01", 404), ("cycle-99", 404), ("soon", 422), ("2026-13", 422)):
        assert alices.get(f"{STATEMENT}?period={period}").status == status, period


def test_an_app_without_use_has_no_line(alices, acme):
    """A new account is told what to do; its statement is there and says nothing was used."""
    assert "Nothing was used in these days" in alices.get(USAGE).main
    assert alices.get(f"{STATEMENT}?period=2026-01").main.count("Nothing was used.") == 3
