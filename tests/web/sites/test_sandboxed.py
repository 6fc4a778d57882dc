"""Apps on the portal's own host: every answer is sandboxed, and nothing of the portal's leaks."""

import gzip

import pytest

from app.services.apps.edit import delete_app
from app.services.sites.change import make_live, take_down
from app.services.workspaces.delete import delete_workspace
from app.store.sites import site_of_app
from tests.conftest import START
from tests.web.sites.conftest import FILES, PAGE

SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-modals"


@pytest.fixture
def database_url(sqlite_url):
    """What is asked of the database is tried on both by the verbs' own tests."""
    return sqlite_url


@pytest.fixture
def at(put_on, shop):
    """The path of the shop's site, with its files on the web."""
    put_on()
    return f"/sites/{site_of_app(shop.id).name}/"


def test_a_page_goes_out_sandboxed_whole_and_without_cookies(ask, at):
    answer = ask(at)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "method"),
    [("", "POST"), ("none", "GET"), ("app.js", "DELETE"), ("_coffer/x", "GET"), ("docs", "GET")],
)
def test_whatever_is_answered_is_sandboxed(ask, at, path, method):
    answer = ask(at + path, method)
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert "Set-Cookie" not in answer.headers


def test_types_are_those_of_the_table(ask, at):
    kinds = {path: ask(at + path).headers["Content-Type"] for path in FILES}
    assert kinds == {
        "index.html": "text/html; charset=utf-8",
        "404.html": "text/html; charset=utf-8",
        "docs/index.html": "text/html; charset=utf-8",
        "app.js": "text/javascript; charset=utf-8",
        "logo.svg": "image/svg+xml; charset=utf-8",
        "data.bin": "application/octet-stream",
    }


def test_a_folder_gets_its_slash_and_shows_its_page(ask, at):
    answer = ask(at + "docs?q=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "./docs/?q=1")
    assert ask(at + "docs/").data == FILES["docs/index.html"]


def test_what_is_missing_is_answered_by_the_site_s_own_page(ask, at):
    answer = ask(at + "no/such.png")
    assert (answer.status_code, answer.data) == (404, FILES["404.html"])


def test_an_app_may_answer_every_page_itself(ask, at, put_on):
    put_on({"index.html": b"first", "200.html": b"any"})
    assert (ask(at + "orders/7").status_code, ask(at + "orders/7").data) == (200, b"any")
    assert ask(at + "missing.js").status_code == 404


def test_nothing_is_sent_twice(ask, at):
    tag = ask(at + "app.js").headers["ETag"]
    again = ask(at + "app.js", If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"] == SANDBOX


def test_text_is_packed_for_who_can_unpack_it(ask, at):
    packed = ask(at + "app.js", Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == FILES["app.js"]
    assert packed.headers["ETag"] != ask(at + "app.js").headers["ETag"]
    again = ask(at + "app.js", If_None_Match=packed.headers["ETag"], Accept_Encoding="gzip")
    assert again.status_code == 304


def test_head_says_the_size(ask, at):
    answer = ask(at, "HEAD")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(PAGE.encode()))


@pytest.mark.parametrize(
    "asked",
    [
        {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "script"},
        {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "empty"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "serviceworker"},
        {"Service_Worker": "script"},
    ],
)
def test_the_portal_s_own_pages_can_t_be_made_to_load_a_file(ask, at, asked):
    assert ask(at + "app.js", **asked).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "script"},
        {},
    ],
)
def test_a_person_and_the_app_itself_can(ask, at, asked):
    assert ask(at + "app.js", **asked).status_code == 200


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_portal_refuses_what_another_site_s_script_asks_for(ask, app, mode, site):
    for path in ("/sign-in", "/accounts/acme", "/api/v1/accounts", "/looks/x.css"):
        answer = ask(path, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode)
        assert answer.status_code == 403, path


def test_the_portal_refuses_nobody_who_follows_a_link(ask, app):
    assert (
        ask("/sign-in", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status_code == 200
    )
    assert ask("/sign-in", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors").status_code == 200


def test_the_portal_s_answers_can_t_be_embedded_elsewhere(ask, app):
    headers = ask("/sign-in").headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_earlier_release_is_seen_at_once_when_it_is_put_back(ask, at, put_on, access, shop):
    put_on({"index.html": b"second"})
    assert ask(at).data == b"second"
    make_live(access, shop.id, 1, START)
    assert ask(at).text == PAGE


def test_what_is_off_the_web_is_not_there(ask, at, access, shop):
    take_down(access, shop.id, START)
    assert ask(at).status_code == 404
    make_live(access, shop.id, 1, START)
    assert ask(at).status_code == 200


def test_a_deleted_app_is_not_there(ask, at, access, shop):
    delete_app(access, shop.id, START)
    assert ask(at).status_code == 404


def test_an_app_of_a_deleted_workspace_is_not_there(ask, at, access):
    delete_workspace(access, "Acme", START)
    assert ask(at).status_code == 404


def test_what_a_runner_put_elsewhere_is_led_to(ask, at, put_on):
    put_on(None, address="https://shop.example/")
    assert ask(at).headers["Location"] == "https://shop.example/"


@pytest.mark.parametrize("path", ["../../sign-in", "..%2f..%2fsign-in", "%2e%2e/app.js", "a%00b"])
def test_nothing_outside_the_site_can_be_named(ask, at, path):
    assert ask(at + path).status_code in (404, 308)
