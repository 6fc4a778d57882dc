"""A member makes an app, edits it, deploys it and opens it, as people do: in a real browser."""

import pytest
from playwright.sync_api import expect

from app.services.people.sign_up import create_person
from app.services.workspaces.open import start_workspace
from tests.browser.installation import served
from tests.browser.story import NOW, SHIFT
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

OWNER = "ona@acme.example"


def with_acme(_):
    """Let somebody have a workspace."""
    create_person(OWNER, "Ona Owner", PASSWORD, NOW, verified=True)
    start_workspace(OWNER, "acme", "Acme", "business", NOW, NOW)


@pytest.fixture
def page(browser, sqlite_template, tmp_path):
    """A browser in which its owner is signed in."""
    with (
        served(sqlite_template, tmp_path, with_acme, clock_shift=SHIFT) as at,
        browser.new_context(base_url=at.url) as context,
    ):
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail", exact=True).fill(OWNER)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
        yield page


def save(page, text):
    """Write a text into the editor, in place of what is there, and save it."""
    page.get_by_label("Text").first.click()
    expect(page.locator(".ace_text-input")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.get_by_role("button", name="Save", exact=True).click()


def deploy(page):
    """Deploy what is there, and open it as a visitor does."""
    page.goto("/accounts/acme/apps/app_1")
    page.get_by_role("link", name="Deploy").first.click()
    expect(page.locator("#price")).to_contain_text("This will cost 1 credit from Acme's pool")
    page.get_by_role("button", name="Deploy").click()
    expect(page.locator("main")).to_contain_text("It is on the web.", timeout=30_000)
    page.goto("/accounts/acme/apps/app_1")


def seen_by_visitors(page):
    """What the app's address shows, in a window without a way back."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the app").click()
    words = opened.value.locator("h1").inner_text()
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    return words


def test_an_app_is_made_edited_deployed_and_opened(page):
    page.goto("/accounts/acme/apps/new")
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("button", name="Create the app").click()
    page.get_by_role("link", name="Write the first file").click()
    page.get_by_label("Path").fill("index.html")
    save(page, "<!doctype html><title>Shop</title><h1>First</h1>")
    expect(page.locator("main")).to_contain_text("index.html")
    deploy(page)
    assert seen_by_visitors(page) == "First"

    page.goto("/accounts/acme/apps/app_1/files/edit/index.html")
    save(page, "<!doctype html><title>Shop</title><h1>Second</h1>")
    expect(page.locator("main")).to_contain_text("index.html")
    assert seen_at(page) == "First"
    deploy(page)
    assert seen_by_visitors(page) == "Second"

    page.get_by_role("link", name="Releases, and AI models for visitors").click()
    page.get_by_role("button", name="Put this one back").click()
    expect(page.locator("main")).to_contain_text("That cost nothing.")
    assert seen_by_visitors(page) == "First"
    page.goto("/accounts/acme/history")
    expect(page.locator("main tbody tr").filter(has_text="deploy")).to_have_count(2)


def seen_at(page):
    """What visitors see meanwhile."""
    page.goto("/accounts/acme/apps/app_1")
    return seen_by_visitors(page)
