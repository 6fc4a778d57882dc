"""Pages of actions: the price before it starts, progress, cancelling, and what came of it."""

import re

import pytest

from app.domain.reference import reference
from app.services.actions.run_one import run_one
from app.services.apps.edit import create_app
from app.services.apps.save_version import save_version
from app.services.workspaces.access import access_to
from tests.conftest import START
from tests.services.actions.runner import Script, install_runner

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def access(acme):
    return access_to(acme.bob.id, "acme")[1]


@pytest.fixture
def shop(access):
    return create_app(access, "Shop", "", START)


@pytest.fixture
def bob(open_browser, acme):
    return open_browser(acme.bob)


@pytest.fixture
def address(shop):
    return f"/accounts/acme/apps/{reference('app', shop.id)}/actions"


@pytest.fixture
def begin(bob, address):
    """Send the form with more than it offers at first; gives the page that it leads to."""

    def sent(kind, **fields):
        path = f"{address}/new/{kind}"
        (form,) = [each for each in bob.get(path).tree.forms if not each.get("action")]
        values = {name: value or "" for name, value in form.fields.items() if name}
        return bob.follow(bob.ask(path, "POST", data=values | fields), path)

    return sent


def number_of(page):
    """The number of the action that a page shows."""
    return int(re.search(r"action_(\d+)", page.main)[1])


def work(app):
    """Let a worker do what waits."""
    return run_one("worker", app.extensions["coffer"].clock.now, 15)


def test_the_price_is_said_before_it_starts_and_the_size_is_suggested(app, bob, begin, address):
    install_runner(Script())
    page = bob.get(f"{address}/new/generate")
    assert "See the price" in page.main
    page = begin("generate", prompt="Two pages about us", look="1")
    assert "this will cost 2 credits from Acme's pool" in page.main
    (chosen,) = page.tree.xpath("//input[@checked]/@value")
    assert chosen == "generate.standard"
    assert "the request says “pages”" in page.main


def test_it_is_started_followed_and_paid(app, bob, begin, address, acme):
    install_runner(Script())
    page = begin("generate", prompt="Hello", size="generate.simple", start="1")
    assert "It waits for its turn. 1 credit of Acme's pool is set aside." in page.main
    number = number_of(page)
    told = bob.ask(f"{address}/{number}/progress").json
    assert (told["state"], told["over"], told["steps"]) == ("queued", False, [])
    assert work(app)
    told = bob.ask(f"{address}/{number}/progress?after=1").json
    assert (told["over"], [step["kind"] for step in told["steps"]]) == (True, ["piece", "file"])
    page = bob.get(f"{address}/{number}")
    assert "Version 1 is made." in page.main
    assert "It cost 1 credit from Acme's pool." in page.main
    assert "<h1>Hello" in page.main
    assert "Hello" in bob.get(address).main


def test_a_price_that_rose_meanwhile_starts_nothing(app, bob, begin, address):
    install_runner(Script())
    page = begin(
        "generate",
        **{
            "prompt": "Hello",
            "size": "generate.standard",
            "start": "1",
            "price-generate.standard": "1",
        },
    )
    assert "The price changed: this costs 2 credits now." in page.main
    assert "Nothing yet" in bob.get(address).main


def test_what_is_cancelled_costs_nothing(app, bob, begin, address):
    install_runner(Script())
    page = begin("generate", prompt="Hello", size="generate.simple", start="1")
    number = number_of(page)
    page = bob.submit(f"{address}/{number}", f"{address}/{number}/cancel")
    assert "It was cancelled, and cost nothing." in page.main
    assert not work(app)


def test_with_nothing_configured_generate_says_what_to_set(app, bob, begin, address):
    page = bob.get(f"{address}/new/generate")
    assert "nothing is charged" in page.main
    assert "Administration, Plugins" in page.main


def test_what_failed_says_why_and_costs_nothing(app, bob, begin, address):
    install_runner(Script(lambda task: 1 / 0))
    page = begin("generate", prompt="Hello", size="generate.simple", start="1")
    number = number_of(page)
    work(app)
    page = bob.get(f"{address}/{number}")
    assert "It failed, and cost nothing." in page.main
    assert "ZeroDivisionError" in page.main


def test_deploying_says_the_price_and_leads_to_the_site(app, bob, begin, address, access, shop):
    save_version(access, shop.id, {"index.html": b"hi"}, "", START)
    install_runner(Script())
    assert "This will cost 1 credit from Acme's pool" in bob.get(f"{address}/new/deploy").main
    page = begin("deploy", version="1", start="1")
    number = number_of(page)
    work(app)
    page = bob.get(f"{address}/{number}")
    assert "It is on the web." in page.main
    assert any("/sites/shop-" in link for link in page.links())


def test_an_empty_pool_says_what_is_missing_and_who_can_help(app, bob, begin, address, acme):
    from app.domain.command import Deduct
    from app.domain.transaction import NOBODY
    from app.services.credits.ledger import submit_one
    from app.services.credits.post import Entry

    install_runner(Script())
    submit_one(acme.account.id, Entry(Deduct(5_000, NOBODY)), START)
    page = begin("generate", prompt="Hello", size="generate.simple", start="1")
    assert "This needs 1 credits and the pool has 0." in page.main
    assert "alice@" in page.main


def test_who_started_it_is_told_how_it_ended(app, bob, begin, address):
    install_runner(Script(lambda task: 1 / 0))
    number = number_of(begin("generate", prompt="Hello", size="generate.simple", start="1"))
    work(app)
    page = bob.get("/notifications")
    assert "Generate Shop failed" in page.main
    (one,) = page.tree.xpath("//input[@name='one']/@value")
    assert bob.get(f"/notifications/{one}").path == f"{address}/{number}"


def test_trying_again_keeps_what_was_asked(app, bob, begin, address):
    install_runner(Script(lambda task: 1 / 0))
    number = number_of(begin("generate", prompt="A shop", size="generate.simple", start="1"))
    work(app)
    (again,) = [each for each in bob.get(f"{address}/{number}").links() if "again=" in each]
    page = bob.get(again)
    assert page.tree.xpath("//textarea[@name='prompt']")[0].text_content().strip() == "A shop"
    assert bob.get(f"{address}/new/generate?again=999").status == 404


@pytest.mark.parametrize("version", ["9", "9" * 5_000, "\N{ARABIC-INDIC DIGIT THREE}", "first"])
def test_only_a_version_that_is_there_is_deployed(app, bob, begin, address, access, shop, version):
    save_version(access, shop.id, {"index.html": b"hi"}, "", START)
    install_runner(Script())
    page = begin("deploy", version=version, start="1")
    assert "Choose one of these versions." in page.main
    assert "Nothing yet" in bob.get(address).main


@pytest.mark.parametrize("after", ["-1", "9" * 40, "x", ""])
def test_progress_is_told_from_any_line_on(app, bob, begin, address, after):
    install_runner(Script())
    number = number_of(begin("generate", prompt="Hello", size="generate.simple", start="1"))
    assert bob.ask(f"{address}/{number}/progress?after={after}").status_code == 200
