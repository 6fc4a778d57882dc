"""What the pages say about credits: the overview, the history and the usage."""

import csv
import io

import pytest

from app.domain.grant import Source
from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.credits.grant import grant_credits
from app.services.credits.spend import Spending, place_hold
from app.services.tokens.make_token import make_personal_token
from app.services.workspaces.access import access_to
from tests.conftest import START

HISTORY = "/accounts/acme/history"
USAGE = "/accounts/acme/usage"


@pytest.fixture
def alices(open_browser, acme):
    """Alice's browser."""
    return open_browser(acme.alice)


@pytest.fixture
def portal_app(acme):
    """An app of Acme's."""
    return create_app(access_to(acme.alice.id, "acme")[1], "Portal", "", START)


def test_the_overview_shows_the_balance_and_its_parts(alices, acme, spend):
    """What can be spent, what is held, of which grants it is made and when they end."""
    grant_credits("acme", 750, Source.TOP_UP, None, "Pack M", START)
    spend(acme.bob, "agent.create")
    caller = caller_of(make_personal_token(acme.bob.id, "t", START)[1], START)
    place_hold(caller, Spending("acme", acme.bob.email, None, "deploy"), "h", 900, START)
    page = alices.get("/accounts/acme")
    (figure,) = page.tree.xpath("//p[contains(@class, 'balance-figure')]")
    assert figure.text_content().strip() == "5,734"
    parts = page.rows("parts")
    assert parts[0][:3] == ["Allocation", "4,984", "1"]
    assert parts[0][4] == "15 Mar 2026, 12:00 UTC"
    assert parts[1] == ["Top-up", "750", "0", "750", "Never expires"]
    assert "Renews 15 Feb 2026, 12:00 UTC" in page.main.replace("Renews15", "Renews 15")
    assert page.rows("latest")[0][1:] == ["agent.create", "Bob Birch", "—", "\u221215", "5,735"]


def test_an_empty_pool_says_what_to_do(open_browser, charlie, spend):
    """The owner is told when it renews and where to look."""
    spend(charlie, "ai.video", account="charlie")
    page = open_browser(charlie).get("/accounts/charlie")
    assert "The pool is empty" in page.main
    assert "It renews on 16 Jan 2026, 00:00 UTC." in page.main


def test_members_learn_whom_to_ask(open_browser, acme, spend):
    """Who can't top up is led to who can."""
    spend(acme.bob, "ai.video", quantity=1000)
    page = open_browser(acme.bob).get("/accounts/acme")
    assert f"Ask {acme.alice.name} ({acme.alice.email}), who owns Acme and can buy" in page.main
    assert f"mailto:{acme.alice.email}" in page.links()


def test_the_history_is_filtered(alices, acme, spend, portal_app, later):
    """By member, app, action, kind and days; and an unknown word finds nothing."""
    spend(acme.bob, "deploy", app=portal_app)
    later(days=1)
    spend(acme.carol, "ai.image")

    def found(query):
        return [row[1] for row in alices.get(f"{HISTORY}?{query}").rows("lines")]

    assert found("") == ["ai.image", "deploy", "Allocation"]
    assert found(f"member={acme.bob.email}") == ["deploy"]
    assert found(f"app=app_{portal_app.id}") == ["deploy"]
    assert found("action=ai.image") == ["ai.image"]
    assert found("kind=allocation") == ["Allocation"]
    assert found("since=2026-01-16") == ["ai.image"]
    assert found("until=2026-01-15") == ["deploy", "Allocation"]
    for query in ("member=who@x.test", "app=app_999999", "app=nonsense", "action=%00"):
        assert "No line fits" in alices.get(f"{HISTORY}?{query}").main, query


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2026-02-01&until=2026-01-01",
        "kind=gift",
        "action=" + "x" * 61,
        "since=0001-01-01&until=9999-12-31",
    ],
)
def test_a_bad_filter_is_answered_kindly(alices, query):
    """Never with a failure of the server."""
    assert alices.get(f"{HISTORY}?{query}").status in (200, 422)
    assert alices.ask(f"{HISTORY}.csv?{query}").status_code in (200, 422)
    assert alices.get(f"{USAGE}?{query}").status in (200, 422)


@pytest.mark.parametrize("before", ["0", "-5", "x", "9" * 30])
def test_a_bad_cursor_is_answered_kindly(alices, before):
    """A cursor that somebody typed finds the newest lines or none."""
    assert alices.get(f"{HISTORY}?before={before}").status == 200


def test_the_history_comes_in_pages_and_whole_as_csv(alices, acme, spend):
    """Fifty lines a page, each line once; the CSV has them all, with safe cells."""
    for _ in range(60):
        spend(acme.bob)
    first = alices.get(HISTORY)
    (older,) = [link for link in first.links() if "before=" in link]
    rest = alices.get(older)
    balances = [row[5] for row in first.rows("lines") + rest.rows("lines")]
    assert (len(first.rows("lines")), len(balances), len(set(balances))) == (50, 61, 61)
    assert not [link for link in rest.links() if "before=1" in link]
    answer = alices.ask(f"{HISTORY}.csv?member={acme.bob.email}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-history.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 60
    assert {row["member_name"] for row in rows} == {"Bob Birch"}
    assert sum(int(row["credits"]) for row in rows) == -60


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("member", ["Bob Birchbob@acme.test", "17", "81%", "2"]),
        ("app", ["Portal", "15", "71%", "1"]),
        ("action", ["agent.create", "15", "71%", "1"]),
        ("day", ["15 Jan 2026", "17", "81%", "2"]),
    ],
)
def test_the_usage_says_who_used_what(alices, acme, spend, portal_app, later, by, first):
    """A table with credits, share and number of actions, that leads to the very lines."""
    spend(acme.bob, "agent.create", app=portal_app)
    spend(acme.bob, "deploy", quantity=2)
    later(days=2)
    spend(acme.carol, "deploy", quantity=4)
    page = alices.get(f"{USAGE}?by={by}")
    assert "21 credits used from 15 Jan 2026 to 17 Jan 2026." in page.main
    rows = page.rows("report")
    assert first in rows
    assert sum(int(row[1]) for row in rows) == 21
    detail = next(link for link in page.links("//table") if "history" in link)
    assert alices.get(detail).rows("lines")


@pytest.mark.parametrize("by", ["member", "app", "action", "day"])
def test_the_chart_needs_no_script_and_no_style(alices, acme, spend, by):
    """The policy refuses both; colours come from the stylesheet, words from the table."""
    spend(acme.bob)
    page = alices.get(f"{USAGE}?by={by}")
    drawn = "//figure[contains(@class, 'chart')]/*[local-name()='svg']"
    curves, chart = page.tree.xpath(drawn)
    assert curves.get("role") == "img"
    assert curves.get("aria-label").startswith("Credits left in this cycle")
    assert chart.get("aria-hidden") == "true"
    forbidden = ["script", "style", "title", "desc"]
    assert not [e for e in page.tree.xpath(f"{drawn}//*") if e.tag in forbidden or e.get("style")]
    bars = chart.xpath(".//*[@class='bar']//*[local-name()='a']")
    assert [bar.get("tabindex") for bar in bars] == ["-1"]
    assert bars[0].get("href") in page.links("//table")


def test_a_long_range_is_charted_by_week(open_browser, acme, spend, later):
    """A year of days is no chart; the weeks' sums are the days'."""
    for _ in range(5):
        spend(acme.bob)
        later(days=40)
    page = open_browser(acme.alice).get(f"{USAGE}?by=day&since=2026-01-01&until=2026-12-31")
    bars = page.tree.xpath("//*[local-name()='g'][@class='bar']")
    rows = page.rows("report")
    assert 20 <= len(bars) == len(rows) <= 62
    assert [row[1] for row in rows if row[1] != "0"] == ["1"] * 5
    assert rows[2][0] == "15 Jan 2026 to 21 Jan 2026"
    assert len(page.links("//table")) == 5


def test_nothing_used_says_what_to_do(alices):
    """An empty report leads on."""
    assert "Nothing was used in these days" in alices.get(USAGE).main
    page = alices.get(f"{USAGE}?since=2020-01-01&until=2020-02-01")
    assert "Try a wider range" in page.main


def test_usage_by_something_else_is_refused(alices):
    """With the words that there are."""
    page = alices.get(f"{USAGE}?by=weather")
    assert (page.status, "member, app, action, day" in page.main) == (422, True)


def test_history_and_usage_agree(alices, acme, spend, later):
    """The sum of the days' shares is what left the pool."""
    for _ in range(7):
        spend(acme.bob, "ai.voice_session")
        later(hours=7)
    total = 5000 - 7 * 5
    assert f"{total:,}" in alices.get("/accounts/acme").main
    assert alices.get(USAGE).main.startswith("Usage 35 credits used")
