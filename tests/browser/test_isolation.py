"""A hostile script in a deployed app, while its owner is signed in in the same browser.

It tries all it can to read the portal's cookies, pages and storage, and to act in its owner's name,
on the portal's host and on a host of the app's own. As a control the same script runs as a page of
the portal's own origin without the sandbox, where it must succeed: so the attempts are real ones.
"""

import json
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.services.apps.edit import create_app
from app.services.people.sign_up import create_person
from app.services.sites.publish import publish
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from app.store.sites import site_of_app
from tests.browser.installation import served
from tests.browser.story import NOW, SHIFT
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser]

OWNER = "owner@acme.example"
SECRET = "Vault of the Acme people"

ATTACK = """
const portal = new URL(location.hash.slice(1));
const at = path => new URL(path, portal).href;
const told = {};
const try_ = async (name, attempt) => {
  try { told[name] = String(await attempt()); } catch (error) { told[name] = `no: ${error.name}`; }
};
const loaded = (tag, address, attribute = 'src') => new Promise(done => {
  const element = document.createElement(tag);
  element.onload = () => done(element); element.onerror = () => done(null);
  element[attribute] = address; if (tag === 'link') element.rel = 'stylesheet';
  document.head.append(element);
});
const soon = milliseconds => new Promise(done => setTimeout(done, milliseconds));
(async () => {
  const page = at('/accounts/acme');
  await try_('cookies', () => {
    document.cookie = 'planted=1; path=/'; return document.cookie;
  });
  await try_('cookie of all hosts', () => {
    document.cookie = `tossed=1; path=/; domain=${portal.hostname}`; return 'tried';
  });
  await try_('local storage', () => { localStorage.planted = 1; return 'stored'; });
  await try_('session storage', () => { sessionStorage.planted = 1; return 'stored'; });
  await try_('database', () => new Promise((done, no) => {
    const asked = indexedDB.open('x'); asked.onsuccess = () => done('opened'); asked.onerror = no;
  }));
  await try_('caches', async () => { await caches.open('x'); return 'opened'; });
  for (const mode of ['cors', 'no-cors', 'same-origin']) {
    await try_(`fetch ${mode}`, async () =>
      (await fetch(page, {mode, credentials: 'include'})).text());
  }
  await try_('request', () => new Promise((done, no) => {
    const request = new XMLHttpRequest(); request.open('GET', page); request.withCredentials = true;
    request.onload = () => done(request.responseText); request.onerror = no; request.send();
  }));
  await try_('api', async () =>
    (await fetch(at('/api/v1/accounts'), {credentials: 'include'})).text());
  await try_('script of a page', async () => await loaded('script', page) ? 'loaded' : 'refused');
  await try_('script of the csv', async () =>
    await loaded('script', at('/accounts/acme/history.csv')) ? 'loaded' : 'refused');
  await try_('style of a page', async () =>
    await loaded('link', page, 'href') ? 'loaded' : 'refused');
  await try_('worker', () => { new Worker(at('/static/coffer.js')); return 'started'; });
  await try_('service worker', async () => {
    await navigator.serviceWorker.register('sw.js'); return 'registered';
  });
  await try_('frame', async () => {
    const frame = document.createElement('iframe');
    frame.src = page; document.body.append(frame);
    await new Promise(done => { frame.onload = done; });
    return frame.contentDocument.body.innerText;
  });
  await try_('frame inside', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script>parent.postMessage(document.cookie, '*')</` + `script>`;
    const answer = new Promise(done => { onmessage = event => done(`cookie ${event.data}`); });
    document.body.append(frame);
    return Promise.race([answer, soon(1500).then(() => 'silent')]);
  });
  await try_('form in a frame', async () => {
    const frame = document.createElement('iframe'); frame.name = 'posted';
    document.body.append(frame);
    const form = document.createElement('form');
    form.method = 'post'; form.action = at('/sign-out'); form.target = 'posted';
    document.body.append(form); form.submit();
    await new Promise(done => { frame.onload = done; });
    return frame.contentDocument.body.innerText;
  });
  await try_('post', async () =>
    (await fetch(at('/sign-out'), {method: 'POST', mode: 'no-cors', credentials: 'include'})).type);
  await try_('beacon', () => navigator.sendBeacon(at('/sign-out'), 'x'));
  await try_('window', async () => {
    const other = open(page, '_blank'); await soon(1500);
    const words = other.document.body.innerText; other.close(); return words;
  });
  await try_('opener', () => opener.document.body.innerText);
  document.getElementById('told').textContent = JSON.stringify(told);
})();
"""
PAGE = (
    "<!doctype html><meta charset=utf-8><title>App</title><pre id=told></pre>"
    "<script src=attack.js></script>"
)
FILES = {"index.html": PAGE.encode(), "attack.js": ATTACK.encode(), "sw.js": b"//"}

KEPT_APART = {"fetch cors", "fetch no-cors", "fetch same-origin", "request", "api"}
STORAGE = {
    "cookies",
    "cookie of all hosts",
    "local storage",
    "session storage",
    "database",
    "caches",
    "service worker",
}
GOT = ("stored", "opened", "registered", "started", "loaded", "planted")


class Scene:
    """A served portal whose owner is signed in, and their app with the hostile script."""

    def __init__(self, context, url, name):
        self.context, self.url, self.name = context, url, name
        self.page = context.new_page()
        self.page.goto(f"{url}/sign-in")
        self.page.get_by_label("E-mail", exact=True).fill(OWNER)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Hello")
        self.before = self.cookies()

    def cookies(self):
        """What the browser keeps for the portal."""
        return {each["name"]: each["value"] for each in self.context.cookies(self.url)}

    def attack(self, address):
        """Open the app, let the script try everything, and return what it got."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(f"{address}#{self.url}")
        page.wait_for_function("document.getElementById('told').textContent", timeout=30_000)
        told = json.loads(page.locator("#told").text_content())
        page.close()
        return told

    def is_untouched(self):
        """See that the owner is signed in as before, and that nothing was planted."""
        self.page.goto(f"{self.url}/accounts/acme")
        expect(self.page.locator("main")).to_be_visible()
        assert SECRET in self.page.content()
        stored = self.page.evaluate("[localStorage.length, sessionStorage.length]")
        workers = self.page.evaluate(
            "navigator.serviceWorker.getRegistrations().then(found => found.length)"
        )
        return self.cookies().keys() == self.before.keys() and stored == [0, 0] and workers == 0


@pytest.fixture
def scene(browser, sqlite_template, tmp_path):
    """Serve a portal with the app on the web, and let its owner sign in."""
    with ExitStack() as stack:

        def begun(**settings):
            names = []
            made = served(
                sqlite_template,
                tmp_path,
                lambda app: names.append(put_on_the_web()),
                clock_shift=SHIFT,
                **settings,
            )
            url = stack.enter_context(made).url
            return Scene(stack.enter_context(browser.new_context()), url, names[0])

        yield begun


def put_on_the_web():
    """Let an owner have a workspace, and an app with the hostile script; return its site's name."""
    owner = create_person(OWNER, "Ona Owner", PASSWORD, NOW, verified=True)
    start_workspace(OWNER, "acme", SECRET, "business", NOW, NOW)
    _, access = access_to(owner.id, "acme")
    made = create_app(access, "Shop", "", NOW)
    publish(made.id, NOW, key="a", version="1", by=owner.id, files=FILES)
    return site_of_app(made.id).name


def leaked(told):
    """What an attempt got of the portal."""
    return {name: got for name, got in told.items() if SECRET in got or OWNER in got}


def test_in_the_sandbox_a_script_gets_nothing(scene):
    at = scene()
    told = at.attack(f"{at.url}/sites/{at.name}/")
    assert len(told) == ATTACK.count("await try_(") + 2
    assert leaked(told) == {}
    assert [name for name, got in told.items() if got.startswith(GOT)] == []
    assert {name for name in KEPT_APART | STORAGE if not told[name].startswith("no: ")} == set()
    assert told["frame inside"] in ("silent", "cookie ")
    assert at.is_untouched()


def test_on_its_own_host_a_script_has_its_own_and_no_more(scene):
    at = scene(sites_host="apps.localhost")
    port = at.url.rpartition(":")[2]
    told = at.attack(f"http://{at.name}.apps.localhost:{port}/")
    assert leaked(told) == {}
    assert {name for name in KEPT_APART if not told[name].startswith("no: ")} <= {"fetch no-cors"}
    assert told["fetch no-cors"] in ("", "no: TypeError")  # an answer that can't be looked into
    assert told["script of a page"] == told["style of a page"] == "refused"
    assert (told["cookies"], told["local storage"]) == ("planted=1", "stored")
    assert at.is_untouched()


def test_without_either_the_same_script_gets_all_of_it(scene):
    """The control: served as a careless portal would, the attempts succeed."""
    at = scene()

    def careless(route):
        path = urlsplit(route.request.url).path.rpartition("/")[2] or "index.html"
        kind = "text/html" if path.endswith("html") else "text/javascript"
        route.fulfill(body=FILES[path], content_type=kind)

    at.context.route("**/sites/**", careless)
    told = at.attack(f"{at.url}/sites/{at.name}/")
    assert {"fetch cors", "fetch same-origin", "request"} <= leaked(told).keys()
    assert "planted" in told["cookies"]
    assert told["local storage"] == "stored"
    assert not at.is_untouched()
