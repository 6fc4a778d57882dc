"""The page of an app's site: where it is, what can be put back, what its visitors may cause."""

import pytest

from app.services.apps.edit import create_app
from app.services.sites.publish import publish
from app.services.workspaces.access import access_to
from app.store.sites import site_of_app
from tests.conftest import START


@pytest.fixture
def database_url(sqlite_url):
    """The verbs' own tests run on both databases."""
    return sqlite_url


@pytest.fixture
def shop(acme):
    """An app of Bob's with two releases."""
    access = access_to(acme.bob.id, "acme")[1]
    app = create_app(access, "Shop", "", START)
    for number in ("1", "2"):
        files = {"index.html": number.encode()}
        publish(app.id, START, key=number, version=number, by=acme.bob.id, files=files)
    return app


@pytest.fixture
def at(shop):
    """The address of the app's page."""
    return f"/accounts/acme/apps/app_{shop.id}"


def test_the_app_s_page_opens_the_app_without_a_way_back(open_browser, acme, at, shop):
    seen = open_browser(acme.bob).get(at)
    name = site_of_app(shop.id).name
    (link,) = seen.tree.xpath(f"//a[contains(@href, '/sites/{name}/')]")
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener noreferrer")
    assert "Release 2, version 2" in seen.main


def test_an_app_that_was_never_deployed_says_nothing_of_it(open_browser, acme):
    app = create_app(access_to(acme.bob.id, "acme")[1], "New", "", START)
    browser = open_browser(acme.bob)
    assert "On the web" not in browser.get(f"/accounts/acme/apps/app_{app.id}").main
    assert browser.get(f"/accounts/acme/apps/app_{app.id}/site").status == 404


def test_an_earlier_release_is_put_back(open_browser, acme, at):
    browser = open_browser(acme.bob)
    rows = browser.get(f"{at}/site").rows("releases")
    assert [row[0] for row in rows] == ["2 · seen by visitors", "1"]
    assert rows[1][1:4] == ["1", "15 Jan 2026, 12:00 UTC", "Bob Birch"]
    seen = browser.submit(f"{at}/site", f"{at}/site/releases/1/live")
    assert "cost nothing" in seen.main
    assert seen.rows("releases")[1][0] == "1 · seen by visitors"


def test_a_release_that_is_not_kept_is_not_found(open_browser, acme, at):
    assert open_browser(acme.bob).send(f"{at}/site/releases/3/live").status_code == 404


def test_it_is_said_what_taking_it_off_the_web_does(open_browser, acme, at):
    browser = open_browser(acme.bob)
    assert "find nothing, at once" in browser.get(f"{at}/site/take-down").main
    seen = browser.submit(f"{at}/site/take-down")
    assert "The app is off the web" in seen.main
    assert "Open the app" not in seen.main


def test_visitors_are_let_by_who_handles_the_keys(open_browser, acme, at):
    form = {"credits": "30", "per_visitor": "3", "calls": "5"}
    seen = open_browser(acme.bob).submit(f"{at}/site", f"{at}/site/visitors", **form)
    assert "0 credits of 30 used today" in seen.main
    again = open_browser(acme.bob).submit(
        f"{at}/site", f"{at}/site/visitors", **form | {"calls": "9999"}
    )
    assert (again.status, again.errors()) == (422, ["Write a whole number from 1 to 600."])
