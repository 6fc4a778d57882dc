"""Signing up, in and out, and the way back for who forgot the password."""

import pytest

from app.web.login import _is_own_path
from tests.conftest import PASSWORD

NEW = "a fresh and long one"


def test_signs_up_and_confirms_the_address(open_browser, link):
    """A new person lands at home, signed in; opening the link alone confirms nothing."""
    browser = open_browser()
    page = browser.submit("/sign-up", name="Nora New", email="Nora@New.test", password=PASSWORD)
    assert page.title == "Hello, Nora New"
    assert "Confirm your address" in page.main
    address = link("nora@new.test", "verify")
    browser.get(address)
    assert "Confirm your address" in browser.get("/").main
    assert "your address is confirmed" in browser.submit(address).main
    assert "Confirm your address" not in browser.get("/").main


def test_signing_up_says_what_is_wrong_beside_the_field(open_browser, alice):
    """Empty, short and taken: each comes back on the form, and what was typed stays."""
    browser = open_browser()
    assert len(browser.submit("/sign-up").errors()) == 3
    page = browser.submit("/sign-up", name="X", email="x@x.test", password="short")
    assert page.status == 422
    assert "10 to 200 characters" in page.errors()[0]
    page = browser.submit("/sign-up", name="X", email=alice.email, password=PASSWORD)
    assert "Sign in instead" in page.errors()[0]
    assert page.tree.get_element_by_id("email").get("value") == alice.email


def test_a_wrong_password_and_an_unknown_address_look_the_same(open_browser, alice):
    """Nobody learns from the sign-in page who is known."""
    browser = open_browser()
    wrong = browser.submit("/sign-in", email=alice.email, password="not the password")
    unknown = browser.submit("/sign-in", email="who@x.test", password="not the password")
    assert wrong.status == unknown.status == 422
    assert wrong.errors() == unknown.errors() == ["Address and password don't match."]


def test_goes_back_to_the_page_that_asked(open_browser, alice):
    """Nobody is sent to sign in and from there to the page they wanted."""
    browser = open_browser()
    asked = browser.get("/profile?x=1")
    assert asked.path == "/sign-in?next=/profile?x%3D1"
    page = browser.submit(asked.path, email=alice.email, password=PASSWORD)
    assert page.path == "/profile?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "/\t/evil.test",
        " //evil.test",
        "/\n/evil.test",
        "evil.test",
    ],
)
def test_another_site_is_no_page_to_go_back_to(target):
    """Only a path of this site is."""
    assert not _is_own_path(target)


def test_a_foreign_next_leads_home(open_browser, alice):
    """A link to the sign-in page can't send anybody elsewhere."""
    browser = open_browser()
    path = "/sign-in?next=https://evil.test/"
    assert browser.submit(path, email=alice.email, password=PASSWORD).path == "/"


def test_signs_out(open_browser, alice):
    """The browser is nobody's again, and so is a copy of its cookie."""
    browser = open_browser(alice)
    cookie = browser.client.get_cookie("coffer")
    page = browser.submit("/", "/sign-out")
    assert "You are signed out." in page.main
    assert browser.get("/profile").title == "Sign in"
    browser.client.set_cookie("coffer", cookie.value)
    assert browser.get("/profile").title == "Sign in"


def test_a_session_ends_when_it_is_long_unused(open_browser, alice, later):
    """A browser that was not used for thirty days signs in again."""
    browser = open_browser(alice)
    later(days=29)
    assert browser.get("/profile").title == "Profile"
    later(days=31)
    assert browser.get("/profile").title == "Sign in"


def test_resets_a_forgotten_password_once(open_browser, alice, link):
    """The link works once, ends every session, and the old password is gone."""
    elsewhere, browser = open_browser(alice), open_browser()
    told = browser.submit("/forgotten-password", email=alice.email).main
    assert told == browser.submit("/forgotten-password", email="who@x.test").main
    address = link(alice.email, "reset")
    assert "10 to 200 characters" in browser.submit(address, password="short").errors()[0]
    assert "Sign in with the new one" in browser.submit(address, password=NEW).main
    assert elsewhere.get("/profile").title == "Sign in"
    assert browser.submit("/sign-in", email=alice.email, password=PASSWORD).status == 422
    assert browser.submit("/sign-in", email=alice.email, password=NEW).path == "/"
    again = open_browser().submit(address, password="yet another one")
    assert "was used already" in again.main


def test_a_form_without_its_token_changes_nothing(open_browser, alice):
    """Another site can't post in somebody's name."""
    browser = open_browser(alice)
    answer = browser.ask("/profile/name", "POST", data={"name-name": "Mallory"})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert "Mallory" not in browser.get("/profile").source


@pytest.mark.parametrize("settings", [{"sign_in_rate_limit": "3/minute"}])
def test_attempts_are_limited(open_browser, alice, settings):
    """After a few wrong guesses even the right password has to wait."""
    browser = open_browser()
    for _ in range(3):
        browser.submit("/sign-in", email=alice.email, password="a wrong guess")
    page = browser.submit("/sign-in", email=alice.email, password=PASSWORD)
    assert page.status == 429
    assert page.title == "Too many attempts"
    assert int(page.headers["Retry-After"]) > 0
    assert browser.get("/sign-in").status == 200
