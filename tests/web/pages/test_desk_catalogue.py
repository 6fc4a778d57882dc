"""The catalogue at the operator's desk: previewed, put into effect, kept, and harmless."""

from datetime import timedelta

import pytest

from app.services.billing.for_sale import pack_offers, plan_offers
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import pool
from app.services.credits.spend import Spending, place_hold
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from tests.conftest import PASSWORD, START
from tests.services.audit.log import lines
from tests.web.pages.browser import Page

C = "/admin/catalogue"


@pytest.fixture
def olga(app, open_browser):
    who = create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    return open_browser(who)


def previewed(browser, path, **fields):
    """Send a form for the first time; the page that comes back, and what it would send next."""
    page = browser.submit(path, **fields)
    assert page.path == path
    (form,) = [each for each in page.tree.forms if each.get("action") is None]
    return page, {name: value or "" for name, value in form.fields.items() if name}


def put(browser, path, **fields):
    """Preview it, then put it into effect."""
    _, values = previewed(browser, path, **fields)
    return browser.follow(browser.ask(path, "POST", data=values), path)


def test_a_change_shows_first_what_it_brings_about(acme, olga, clock):
    page, values = previewed(olga, f"{C}/plans/business", credits="6000", rollover_cap="12000")
    assert "1 account is on this plan" in page.main
    assert "from its next period on" in page.main
    assert pool(acme.account, clock.now()).available == 5_000
    other = olga.ask(f"{C}/plans/business", "POST", data=values | {"credits": "7000"})
    assert "See what" not in Page(other, "").main
    assert [row[3] for row in olga.get(C).rows("plans")] == ["5", "300", "5,000"]


def test_a_changed_plan_holds_from_the_next_period_on(acme, olga, later, clock):
    page = put(olga, f"{C}/plans/business", credits="6000", rollover_cap="20000", price="120")
    assert "Business is changed." in page.main
    assert page.rows("plans")[2][3:] == ["6,000", "20,000", "120.00 EUR"]
    now = later(days=32)
    assert pool(acme.account, now).available == 11_000
    (line,) = [each for each in lines(0) if each.kind == "catalogue.plan_changed"]
    assert '"amount":9900' in line.before


def test_a_period_that_began_before_the_change_has_the_credits_of_then(acme, olga, later):
    later(days=20)
    olga.get("/admin")
    now = later(days=12)
    put(olga, f"{C}/plans/business", credits="9000", rollover_cap="20000")
    assert pool(acme.account, now).available == 10_000


def test_a_hold_keeps_its_price_and_a_planned_price_comes_in_time(acme, olga, later, clock):
    caller = caller_of(make_service_token("p", START)[1], START)
    spending = Spending("acme", acme.bob.email, None, "deploy")
    held = place_hold(caller, spending, "one", 80_000, START).value
    page = put(olga, f"{C}/prices/deploy", credits="3")
    assert [row[1:4] for row in page.rows("versions")] == [
        ["2", "in effect", "3"],
        ["1", "over", "1"],
    ]
    start = (START + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    put(olga, f"{C}/prices/deploy", credits="7", start=start)
    now = later(hours=1)
    assert capture(caller, held.id, None, now).value.credits == 1
    assert place_hold(caller, spending, "two", None, now).value.credits == 3
    assert place_hold(caller, spending, "three", None, later(hours=1)).value.credits == 7


def test_a_planned_price_is_taken_back_and_one_in_effect_is_not(olga):
    start = (START + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = put(olga, f"{C}/prices/deploy", credits="7", start=start)
    assert page.rows("versions")[0][2] == "to come"
    page = olga.submit(f"{C}/prices/deploy", f"{C}/prices/deploy/2/cancel")
    assert [row[1] for row in page.rows("versions")] == ["1"]
    assert olga.send(f"{C}/prices/deploy/1/cancel").status_code == 409


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        ("/prices/deploy", {"credits": "0"}, "from 1 to"),
        ("/prices/deploy", {"credits": "2", "start": "2020-01-01T00:00"}, "past"),
        ("/prices/new", {"named": "Deploy!", "credits": "2"}, "small letters"),
        (
            "/packs/new",
            {"key": "x", "name": "X", "credits": "5", "price": "5", "currency": "XTS"},
            "ISO",
        ),
        (
            "/packs/new",
            {"key": "x", "name": "X", "credits": "5", "price": "5.001", "currency": "EUR"},
            "amount",
        ),
        (
            "/packs/new",
            {"key": "x", "name": "X", "credits": "5", "price": "0", "currency": "EUR"},
            "above zero",
        ),
        (
            "/packs/new",
            {"key": "x", "name": "X", "credits": "0.5", "price": "1", "currency": "EUR"},
            "integer",
        ),
        ("/plans/pro", {"rollover_cap": "299"}, "A cap under"),
    ],
)
def test_what_can_not_be_sold_is_refused(olga, path, fields, wrong):
    page = olga.submit(C + path, **fields)
    if page.status == 200:
        page = put(olga, C + path, **fields)
    assert page.status == 422
    assert any(wrong in words for words in page.errors()), page.errors()


def test_new_ones_are_on_sale(acme, olga, clock):
    money = {"price": "490", "currency": "jpy"}
    put(olga, f"{C}/packs/new", key="mini", name="Mini", credits="50", **money)
    assert next(str(each.price) for each in pack_offers(clock.now())) == "490 JPY"
    put(olga, f"{C}/prices/new", named="ai.dance", credits="2")
    plan = {"key": "team", "name": "Team", "credits": "900", "renews": "monthly", "workspaces": "y"}
    put(olga, f"{C}/plans/new", **plan, rollover_cap="", price="49.90", currency="EUR")
    _, access = access_to(acme.alice.id, "acme")
    assert [each.key for each in plan_offers(access, clock.now())] == ["business", "team"]
    page = put(olga, f"{C}/plans/new", **plan, rollover_cap="", price="49.90", currency="EUR")
    assert any("already" in words for words in page.errors())


def test_what_is_withdrawn_hurts_nobody_who_has_it(acme, olga, later, clock):
    olga.submit(f"{C}/plans/business", f"{C}/plan/business/sale")
    olga.submit(f"{C}/packs/pack-500", f"{C}/pack/pack-500/sale")
    later(days=20)
    olga.get("/admin")
    now = later(days=12)
    assert pool(acme.account, now).available == 10_000
    _, own = access_to(acme.alice.id, "acme")
    assert [each.key for each in plan_offers(own, now)] == ["business"]
    slug = personal_account(acme.bob.id).slug
    _, bobs = access_to(acme.bob.id, slug)
    assert [each.key for each in plan_offers(bobs, now)] == ["free", "pro"]
    assert "pack-500" not in [each.key for each in pack_offers(now)]
    assert olga.send(f"{C}/plan/free/sale", on="no").status_code == 409
    page = olga.submit(f"{C}/plans/business", f"{C}/plan/business/sale")
    assert "It is on sale." in page.main


def test_what_is_not_there(olga):
    for path in ("/plans/none", "/packs/none", "/prices/none"):
        assert olga.get(C + path).status == 404


def test_a_pack_may_be_called_free_and_be_withdrawn(acme, olga, clock):
    put(olga, f"{C}/packs/new", key="free", name="Gift", credits="10", price="1", currency="EUR")
    assert "free" in [each.key for each in pack_offers(clock.now())]
    page = olga.submit(f"{C}/packs/free", f"{C}/pack/free/sale")
    assert "It is withdrawn from sale." in page.source
    assert "free" not in [each.key for each in pack_offers(clock.now())]
