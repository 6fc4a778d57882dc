"""A first visit: light enough for a slow line, and quiet in the browser's console."""

import pytest
from playwright.sync_api import expect

from app.demo.people import ALICE
from tests.browser.addresses import YEAR

pytestmark = pytest.mark.browser

MOST = 100_000


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/accounts/acme",
        "/accounts/acme/history",
        f"/accounts/acme/usage?by=day&{YEAR}",
        "/accounts/acme/members",
        "/profile",
    ],
)
def test_a_first_load_is_under_100_kb(visit_story, path):
    """Counted on the wire, headers and all, with nothing in the cache."""
    visitor = visit_story(ALICE)
    line = visitor.context.new_cdp_session(visitor.page)
    received = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    visitor.page.goto(visitor.url + path, wait_until="networkidle")
    assert len(received) >= 3  # the page, its stylesheet, its script
    assert sum(received) < MOST


def test_pages_come_packed_unless_another_site_leads_there(visit_story):
    """As a real browser says who asked; over http it says so on this machine only."""
    visitor = visit_story()
    page, address = visitor.page, f"{visitor.url}/sign-in"
    typed = page.goto(address)
    with page.expect_response(f"{visitor.url}/forgotten-password") as followed:
        visitor.follow("Forgotten your password?")
    page.goto("about:blank")
    page.set_content(f'<a href="{address}?next=/a-guess">Win a prize</a>')
    with page.expect_response(f"{address}**") as lured:
        page.get_by_role("link").click()
    answers = (typed, followed.value, lured.value)
    packed = [answer.header_value("content-encoding") is not None for answer in answers]
    assert packed == [True, True, False]


def test_complaints_are_heard(visit_story):
    """What the other tests rely on: errors and refusals of the browser don't pass unnoticed."""
    visitor = visit_story()
    page = visitor.open("/sign-in")
    with page.expect_console_message():
        page.evaluate("() => { document.body.innerHTML += '<p style=\"color: red\">x</p>' }")
    with page.expect_event("console"):
        page.evaluate("() => fetch('/no/such/file').then(() => 1)")
    page.evaluate("() => { setTimeout(() => { throw new Error('oh no') }) }")
    expect(page.locator("main")).to_be_visible()
    page.wait_for_function("() => true")
    heard = " ".join(visitor.complaints)
    visitor.complaints.clear()
    for part in ("Content Security Policy", "404", "oh no"):
        assert part in heard
