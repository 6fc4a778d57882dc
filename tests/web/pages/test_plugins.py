"""Pages that plugins bring, and the operator's pages about plugins."""

import io
import threading

import pytest

from app.domain.refusals import RefusedByPlugin
from app.hookspecs import GoTo, Manifest, Page, Refuse, SettingField, Show
from app.services.directory import directory
from app.services.people.sign_up import create_person
from app.services.plugins import answer_page
from app.services.plugins.checked import Checked, Result, keep_check
from app.services.plugins.configure import switch_for
from app.services.plugins.installed import installed, settings_of
from tests.conftest import PASSWORD, START
from tests.plugins.packages import installed_with, made_of, module_in

TEMPLATE = """
{% extends "coffer/page.html" %}
{% from "coffer/macros.html" import button, empty, token %}
{% block heading %}Notes of {{ who }}{% endblock %}
{% block content %}
  <p id="said">{{ said }}</p>
  <p id="secret">{{ ().__class__ }}{{ config }}{{ request }}{{ g }}</p>
  <a href="{{ address("more?x=1") }}">More</a> {{ 1234|number }}
  <form method="post" enctype="multipart/form-data">{{ token() }}
    <input name="words"><input type="file" name="paper"><button>Send</button></form>
  {{ button(address("more"), "Press") }}
{% endblock %}
"""
MODULE = """
from app.hookspecs import GoTo, Manifest, Page, Show, hookimpl
manifest = Manifest("notes", "1.2", "Keeps notes.", templates="pages")
seen = []
behave = {}

def answer(asked):
    seen.append(asked)
    deed = behave.get(asked.path)
    if deed:
        return deed(asked)
    if asked.method == "POST":
        return GoTo("/more?x=2", "It is <noted>.")
    return Show("notes.html", {"who": asked.account or "all", "said": "<b>" + asked.visitor})

@hookimpl
def pages():
    return [
        Page("", "Notes", "operator", answer),
        Page("more", "More notes", "operator", answer, in_navigation=False),
        Page("", "Our notes", "account", answer, least_role="admin"),
        Page("open", "For all", "account", answer, least_role="member"),
    ]
"""

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def olga(app, open_browser):
    """Operates the installation."""
    create_person("olga@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    browser = open_browser()
    return browser.sign_in("olga@coffer.test")


@pytest.fixture
def notes(app, tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "notes.html").write_text(TEMPLATE, "utf-8")
    module = module_in(tmp_path, MODULE, "notes_module")
    installed_with(module)
    return module


def test_an_operator_sees_the_page_within_the_portal(olga, notes):
    page = olga.get("/plugins/notes")
    assert (page.status, page.title) == (200, "Notes of all")
    assert page.tree.get_element_by_id("said").text == "<b>olga@coffer.test"
    assert page.tree.get_element_by_id("secret").text in (None, "")
    assert "/plugins/notes/more?x=1" in page.links()
    assert "1,234" in page.main
    assert page.links("//nav[@aria-label='Plugins']")[-1] == "/plugins/notes"
    assert "More notes" not in page.source.split("<main")[0]


def test_what_is_sent_arrives_and_a_message_is_shown_where_it_leads(olga, notes):
    page = olga.submit("/plugins/notes", words="hello")
    asked = notes.seen[-2]
    assert (asked.method, asked.form, asked.path) == ("POST", {"words": "hello", "paper": ""}, "")
    assert (page.path, "It is <noted>." in page.main) == ("/plugins/notes/more?x=2", True)
    assert notes.seen[-1].query == {"x": "2"}


def test_files_arrive_up_to_a_size(olga, notes, app):
    token = olga.token()
    app.config["MAX_CONTENT_LENGTH"] = 2000

    def send(size):
        paper = (io.BytesIO(b"x" * size), "a.csv")
        data = {"csrf_token": token, "paper": paper}
        return olga.ask("/plugins/notes", "POST", data=data)

    assert send(1000).status_code == 302
    assert notes.seen[-1].files == {"paper": b"x" * 1000}
    assert send(2000).status_code == 413


def test_a_form_without_its_token_is_refused(olga, notes):
    assert olga.ask("/plugins/notes", "POST", data={"words": "x"}).status_code == 400
    assert notes.seen == []


def test_an_accounts_page_is_for_those_with_the_role(acme, notes, open_browser):
    for someone, status in ((acme.alice, 200), (acme.carol, 200), (acme.bob, 403)):
        page = open_browser(someone).get("/plugins/notes/accounts/acme")
        assert page.status == status
    assert {asked.role for asked in notes.seen} == {"owner", "admin"}
    bob, charlie = open_browser(acme.bob), open_browser(acme.charlie)
    assert bob.get("/plugins/notes/accounts/acme/open").title == "Notes of acme"
    assert charlie.get("/plugins/notes/accounts/acme/open").status == 404
    tabs = "//nav[@aria-label='Acme']"
    assert bob.get("/accounts/acme").links(tabs)[-1] == "/plugins/notes/accounts/acme/open"
    alice = open_browser(acme.alice)
    assert alice.get("/accounts/acme").links(tabs)[-2:] == [
        "/plugins/notes/accounts/acme",
        "/plugins/notes/accounts/acme/open",
    ]


def test_a_path_below_a_page_is_that_pages(olga, notes, acme, open_browser):
    assert olga.get("/plugins/notes/more/7").status == 200
    assert notes.seen[-1].path == "more/7"
    for path in ("/plugins/notes/other", "/plugins/nobody", "/plugins/notes/accounts/acme/x"):
        assert olga.get(path).status == 404
    switch_for("notes", "acme", on=False)
    assert open_browser(acme.bob).get("/plugins/notes/accounts/acme/open").status == 404


def test_without_a_page_of_its_own_the_plugins_address_leads_to_its_first(olga, app):
    shown = Page("lines", "Lines", "operator", lambda asked: GoTo("other"))
    other = Page("other", "Other", "operator", lambda asked: GoTo("lines"), in_navigation=False)
    installed_with(made_of(pages=lambda: [shown, other]))
    assert olga.ask("/plugins/tried").headers["Location"] == "/plugins/tried/lines"
    assert olga.ask("/plugins/tried/lines").headers["Location"] == "/plugins/tried/other"


def hang(_asked):
    threading.Event().wait(5)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda asked: 1 / 0, "ZeroDivisionError"),
        (hang, "took longer than 0.2 s"),
        (lambda asked: "hello", "answered with str"),
        (lambda asked: Show("gone.html"), "TemplateNotFound"),
        (lambda asked: Show("../notes_module.py"), "notes_module.py"),
        (lambda asked: Show("notes.html", status=7), "the status 7"),
        (lambda asked: GoTo("../../admin"), "not its own"),
        (lambda asked: Show("notes.html", events=("paid",)), "no events of a billing provider"),
    ],
)
def test_a_page_that_fails_is_said_calmly(olga, notes, monkeypatch, deed, words):
    monkeypatch.setattr(answer_page, "PAGE_SECONDS", 0.2)
    notes.behave[""] = deed
    page = olga.get("/plugins/notes")
    assert (page.status, page.title) == (502, "Notes can't be shown now")
    assert words in page.main
    assert installed().plugins["notes"].state == "on"


def test_members_are_not_told_the_cause(acme, notes, open_browser):
    notes.behave["open"] = lambda asked: 1 / 0
    page = open_browser(acme.bob).get("/plugins/notes/accounts/acme/open")
    assert (page.status, "ZeroDivisionError" in page.source) == (502, False)


FIELDS = (
    SettingField("api_key", "secret", "opens the till", ""),
    SettingField("mode", "choice", "which till", "test", ("test", "live")),
    SettingField("limit", "integer", "at most", 5),
    SettingField("data", "boolean", "whether it keeps data", True),
)


def refuse(spending):
    return Refuse("no")


@pytest.fixture
def shop(app):
    found = type("Found", (), {})()
    found.manifest = Manifest("shop", "2.0", "Sells.", settings=FIELDS)
    from app.hookspecs import hookimpl

    found.before_deduction = hookimpl(refuse)
    installed_with(found, on=False)


def test_the_operator_switches_and_sets(olga, shop):
    assert "shop2.0 off Sells." in " ".join(olga.get("/admin/plugins").main.split())
    page = olga.submit("/admin/plugins/shop", "/admin/plugins/shop/switch")
    assert "shop is switched on." in page.main
    page = olga.submit(
        "/admin/plugins/shop", setting_api_key="sk_1", setting_limit="7", setting_mode="live"
    )
    assert "hold in all processes" in page.main
    assert "sk_1" not in page.source
    values = settings_of(installed().plugins["shop"], directory().fresh(START))
    assert values == {"api_key": "sk_1", "mode": "live", "limit": 7, "data": True}
    page = olga.submit("/admin/plugins/shop", setting_limit="many")
    assert (page.status, page.errors()) == (422, ["Give a whole number."])
    olga.submit("/admin/plugins/shop", forget_api_key="y")
    values = settings_of(installed().plugins["shop"], directory().fresh(START))
    assert (values["api_key"], values["data"]) == ("", True)


def test_shadow_mode_and_a_workspace_without_it(olga, shop, acme, spend):
    olga.submit("/admin/plugins/shop", "/admin/plugins/shop/switch")
    olga.submit("/admin/plugins/shop", "/admin/plugins/shop/shadow")
    spend(acme.bob)
    page = olga.get("/admin/plugins/shop")
    assert "1 deploy for 1 in acme by bob@acme.test" in page.main
    assert "refused: no" in page.main
    olga.submit("/admin/plugins/shop", "/admin/plugins/shop/shadow")
    with pytest.raises(RefusedByPlugin):
        spend(acme.bob)
    page = olga.submit("/admin/plugins/shop", "/admin/plugins/shop/workspaces", slug="acme")
    assert "shop is switched off for acme." in page.main
    spend(acme.bob)
    assert olga.send("/admin/plugins/shop/workspaces", slug="nowhere").status_code == 404


def test_quarantine_is_left_by_a_button(olga, notes, acme):
    plugin = installed().plugins["notes"]
    olga.get("/plugins/notes")
    for _ in range(3):
        installed().run(plugin, "pages", lambda: 1 / 0, lambda given: None)
    page = olga.get("/admin/plugins/notes")
    assert "in quarantine" in page.main
    page = olga.submit("/admin/plugins/notes", "/admin/plugins/notes/release")
    assert "out of quarantine in all processes" in page.main
    assert plugin.state == "on"


def test_the_last_check_is_shown(olga, shop):
    assert "coffer plugins check shop" in olga.get("/admin/plugins/shop").main
    results = (Result("a", True), Result("pays twice", False, "it did"), Result("b", None, "no b"))
    keep_check(Checked("shop", "2.0", START, results))
    page = " ".join(olga.get("/admin/plugins/shop").main.split())
    assert "Last check failed" in page
    assert "3 checks, 1 failed, 1 left out" in page
    assert "Failed: pays twice it did" in page


def test_a_plugin_that_is_gone_can_be_switched_off(olga, shop):
    olga.submit("/admin/plugins/shop", "/admin/plugins/shop/switch")
    installed().plugins.clear()
    assert "is not found any more" in olga.get("/admin/plugins").main
    olga.submit("/admin/plugins/shop", "/admin/plugins/shop/switch")
    assert "No plugin was found" in olga.get("/admin/plugins").main


def test_no_plugin_no_page(olga, app):
    assert olga.get("/admin/plugins/nothing").status == 404
