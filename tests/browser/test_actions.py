"""An app is generated in the browser: the price first, progress as it comes, cancelled by keys."""

import threading

import pytest
from playwright.sync_api import expect

from app.services.apps.edit import create_app
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from plugins.runner_openai.stand_in import standing_in
from tests.browser.installation import served
from tests.browser.story import NOW, SHIFT
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser]

OWNER, APP = "owner@acme.example", "/accounts/acme/apps/app_1"
PAGE = '<!doctype html><link rel="icon" href="data:,"><h1>Our bakery</h1>'
TEXT = f"@@@ FILE index.html\n{PAGE}\n@@@ END\n"
FULL, PATIENCE = "5,000", 30


@pytest.fixture
def model():
    """A model that stops half-way until it is let go."""
    with standing_in() as found:
        found.go = threading.Event()
        found.act = lambda answering: answering.write(TEXT, halfway=lambda: found.go.wait(PATIENCE))
        yield found
        found.go.set()


@pytest.fixture
def bakery(sqlite_template, tmp_path, model):
    """Acme with an app, and a runner that asks the model."""

    def prepare(_):
        owner = create_person(OWNER, "Olive Owner", PASSWORD, NOW, verified=True)
        start_workspace(OWNER, "acme", "Acme", "business", NOW, NOW)
        create_app(access_to(owner.id, "acme")[1], "Bakery", "", NOW)

    with served(sqlite_template, tmp_path, prepare, clock_shift=SHIFT) as installed:
        installed.coffer("plugins", "set", "runner_openai", "base_url", model.base_url)
        installed.coffer("plugins", "set", "runner_openai", "model", "stand-in")
        installed.coffer("plugins", "on", "runner_openai")
        yield installed


@pytest.fixture
def olive(bakery, visit):
    return visit(bakery).sign_in(OWNER, PASSWORD)


def start(olive, prompt):
    """Describe it, see the price, start it."""
    olive.open(APP)
    olive.follow("Generate")
    olive.page.get_by_label("What do you want?").fill(prompt)
    olive.press("See the price")
    olive.sees("this will cost 1 credit from Acme's pool")
    olive.press("Generate")


def test_progress_is_seen_and_the_result_is_opened(olive, model):
    start(olive, "A page for our bakery")
    expect(olive.page.locator("#action-text")).to_contain_text("@@@ FILE")
    expect(olive.page.locator("#action-lines")).to_contain_text("Asking stand-in")
    model.go.set()
    olive.sees("Version 1 is made. It cost 1 credit from Acme's pool.")
    olive.follow("See the files")
    olive.sees("index.html")
    olive.open(APP)
    olive.follow("Deploy")
    olive.sees("This will cost 1 credit from Acme's pool")
    olive.press("Deploy")
    olive.sees("It is on the web.")
    olive.follow("Open it")
    expect(olive.page.get_by_role("heading", name="Our bakery")).to_be_visible()


def test_it_is_cancelled_by_the_keyboard(olive):
    start(olive, "A page for our bakery")
    expect(olive.page.locator("#action-text")).to_contain_text("@@@ FILE")
    button = olive.page.get_by_role("button", name="Cancel")
    for _ in range(60):
        olive.page.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    olive.page.keyboard.press("Enter")
    olive.sees("It was cancelled, and cost nothing.")
    assert olive.switcher()["Acme"] == FULL


def test_it_works_without_scripts(bakery, visit, model):
    model.go.set()
    olive = visit(bakery, java_script_enabled=False).sign_in(OWNER, PASSWORD)
    start(olive, "A page for our bakery")
    olive.sees("Version 1 is made.")
