"""The code editor: by keyboard alone, without scripts, on a phone; heavy only once one writes."""

import pytest
from playwright.sync_api import expect

from app.services.apps.edit import create_app
from app.services.apps.save_version import save_version
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from tests.browser.eyes import DESK, PHONE, RULES, look_everywhere, too_wide, violations
from tests.browser.installation import served

pytestmark = pytest.mark.browser

ALICE, PASSWORD = "alice@acme.test", "correct horse battery"
FILES = "/accounts/acme/apps/app_1/files"
EDIT = f"{FILES}/edit/index.html"
WRITTEN = ".ace_text-layer"
MOST = 100_000


def acme(app):
    """Alice has an app with a page."""
    now = app.extensions["coffer"].clock.now()
    alice = create_person(ALICE, "Alice Arden", PASSWORD, now, verified=True)
    start_workspace(ALICE, "acme", "Acme", "business", now, now)
    access = access_to(alice.id, "acme")[1]
    made = create_app(access, "Storefront", "", now)
    page = {"index.html": b"<h1>Hello</h1>\n", "long.txt": b"word " * 200, "css/a.css": b"b {}\n"}
    save_version(access, made.id, page, "Begin", now)
    save_version(access, made.id, {"index.html": b"<h1>Hello!</h1>\n"}, "Louder", now)


@pytest.fixture
def alice(sqlite_template, tmp_path, visit):
    """Let Alice open her browser, with or without scripts, large or small."""
    with served(sqlite_template, tmp_path, acme) as installed:
        yield lambda **options: visit(installed, **options).sign_in(ALICE, PASSWORD)


def test_by_keyboard_alone(alice):
    """In by Tab, Tab indents, out by Escape and Tab, saved by Ctrl+S."""
    visitor = alice(viewport={"width": DESK[0], "height": DESK[1]})
    page = visitor.open(EDIT)
    page.get_by_label("Text").focus()
    editor = page.get_by_label("Text").and_(page.locator(".ace_text-input"))
    expect(editor).to_be_focused()
    expect(page.get_by_text("press Escape, then Tab")).to_be_visible()
    assert violations(page, RULES) == []
    page.keyboard.press("Tab")
    page.keyboard.type("x")
    expect(page.locator(WRITTEN)).to_contain_text("  x<h1>Hello!</h1>")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_label("What did you change?")).to_be_focused()
    page.keyboard.type("An x")
    page.keyboard.press("Control+s")
    visitor.sees("index.html is saved.")
    expect(page.get_by_role("region", name="Text of index.html")).to_have_text("  x<h1>Hello!</h1>")
    visitor.open(FILES + "/versions")
    assert visitor.rows("versions")[0][1] == "An x"


def test_what_is_written_is_not_lost_by_leaving(alice):
    """The browser asks first; who stays has everything still."""
    visitor = alice()
    page = visitor.open(EDIT)
    page.get_by_label("Text").click()
    page.locator(".ace_text-input").focus()
    page.keyboard.type("unsaved ")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Cancel").click(no_wait_after=True)
    expect(page.locator(WRITTEN)).to_contain_text("unsaved")
    assert asked == ["beforeunload"]


def test_the_editor_is_loaded_when_somebody_begins_to_write(alice):
    """The page itself stays light."""
    visitor = alice()
    line = visitor.context.new_cdp_session(visitor.page)
    received = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    for path in (EDIT, FILES, f"{FILES}/1/to/2"):
        received.clear()
        visitor.page.goto(visitor.url + path, wait_until="networkidle")
        assert 0 < sum(received) < MOST, path
    visitor.page.goto(visitor.url + EDIT)
    with visitor.page.expect_response("**/ace.js"):
        visitor.page.get_by_label("Text").focus()
    expect(visitor.page.locator(WRITTEN)).to_contain_text("Hello!")


def test_without_scripts_it_is_a_field(alice):
    """Written and saved as any form."""
    visitor = alice(java_script_enabled=False)
    page = visitor.open(EDIT)
    page.get_by_label("Text").fill("plain\n")
    visitor.press("Save")
    visitor.sees("index.html is saved.")
    visitor.open(f"{FILES}/2/to/3")
    visitor.sees("+1")


def test_a_phone_keeps_its_own_keyboard(alice):
    """The plain field, inside of the window."""
    visitor = alice(
        viewport={"width": PHONE[0], "height": PHONE[1]}, has_touch=True, is_mobile=True
    )
    page = visitor.open(EDIT)
    page.get_by_label("Text").tap()
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page.locator(".ace_editor")).to_have_count(0)
    assert too_wide(page) == []


def test_every_page_about_files_is_sound_by_day_and_night(alice):
    """Axe finds nothing, nothing is wider than the window."""
    visitor = alice()
    wrong = []
    for path in (
        *("", "/versions", "/2/show/index.html", "/2/show/long.txt", "/1/to/2", "/1/restore"),
        *("/new", "/edit/index.html", "/rename/index.html", "/delete/index.html", "/upload"),
        "?version=1",
    ):
        wrong += look_everywhere(visitor.open(FILES + path))
    assert wrong == []
