"""The stylesheet, the weight of a page, and what is shown when something is wrong."""

import gzip
import re

import pytest

from app.web.pages.looks import cut, icon
from app.web.pages.wording import browser as name_of
from app.web.pages.wording import count, number, percent, signed

FULL = 100_000
YEAR = "/accounts/acme/usage?by=day&since=2025-01-01&until=2026-12-31"


def test_cuts_what_no_template_names():
    """Rules stay when every class of theirs is named; empty media rules go."""
    css = (
        '@charset "UTF-8";/*! x */body{a:b}.btn,.toast{c:d}.toast .btn{e:f}'
        "@media (min-width:1px){.toast{g:h}}@media print{.btn:not(.toast,.x){i:j}}"
        "@keyframes k{to{l:m}}"
    )
    assert cut(css, frozenset({"btn"})) == (
        "body{a:b}.btn{c:d}@media print{.btn:not(.toast,.x){i:j}}@keyframes k{to{l:m}}"
    )


def test_dark_follows_the_system():
    """No attribute, which a script would have to set before the first paint."""
    css = "[data-bs-theme=dark]{a:b}[data-bs-theme=dark] .btn{c:d}"
    assert cut(css, frozenset({"btn"})) == (
        "@media (prefers-color-scheme:dark){:root{a:b}}"
        "@media (prefers-color-scheme:dark){:root .btn{c:d}}"
    )


def test_the_stylesheet_is_small_kept_for_a_year_and_packed(open_browser):
    """Its address changes with its text, so that it may be kept."""
    browser = open_browser()
    (path,) = browser.get("/sign-in").tree.xpath("//link[@rel='stylesheet']/@href")
    plain = browser.ask(path, headers={"Accept-Encoding": "identity"})
    packed = browser.ask(path, headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in packed.headers
    assert "immutable" in plain.headers["Cache-Control"]
    assert browser.ask("/looks/old.css").headers["Cache-Control"] == "no-cache"
    assert b"data-bs-theme=dark" not in plain.data
    assert plain.data.count(b"{") == plain.data.count(b"}")
    assert b".form-control" in plain.data
    assert b".carousel" not in plain.data


@pytest.mark.parametrize("path", ["/", "/accounts/acme", "/accounts/acme/history", YEAR])
def test_a_first_load_weighs_under_100_kb(open_browser, acme, spend, path):
    """The page with everything that it loads, even when nothing is packed."""
    for _ in range(60):
        spend(acme.bob)
    browser = open_browser(acme.alice)
    page = browser.get(path)
    files = page.tree.xpath("//link/@href | //script/@src | //img/@src")
    sizes = [len(browser.ask(each).data) for each in files]
    assert len(page.source.encode()) + sum(sizes) < FULL


def test_all_files_come_from_here(open_browser):
    """No other site is asked for anything."""
    page = open_browser().get("/sign-in")
    addresses = page.tree.xpath("//*[not(self::a)]/@href | //@src")
    assert addresses
    assert not [each for each in addresses if not re.match(r"/(?!/)", each)]


def test_an_icon_is_decoration():
    """Hidden from screen readers, because words stand beside it."""
    assert 'aria-hidden="true"' in icon("people")
    with pytest.raises(LookupError):
        icon("no-such-icon")


def test_wording():
    """Numbers with their thousands apart, nouns in the right number, browsers by name."""
    assert (number(1234567), signed(300), signed(-4), signed(0)) == (
        "1,234,567",
        "+300",
        "\u22124",
        "0",
    )
    assert (count(1, "person", "people"), count(2, "person", "people")) == ("1 person", "2 people")
    assert [percent(share) for share in (0, 0.001, 0.5, 1)] == ["0%", "under 1%", "50%", "100%"]
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert (name_of(firefox), name_of("")) == ("Firefox on Linux", "Unknown browser")


def test_nothing_here_looks_the_same_to_an_outsider(open_browser, acme):
    """A workspace that exists and one that does not can't be told apart."""
    browser = open_browser(acme.charlie)
    there, nowhere = browser.get("/accounts/acme"), browser.get("/accounts/nowhere")
    assert there.status == nowhere.status == 404
    assert there.main == nowhere.main


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/no/such/page", "GET", 404),
        ("/profile", "POST", 405),
        ("/accounts/%00", "GET", 404),
        ("/accounts/acme/members/%F0%9F%92%A9/remove", "GET", 404),
    ],
)
def test_errors_are_pages_with_a_way_on(open_browser, acme, path, method, status):
    """Each has its status, a heading and a link."""
    browser = open_browser(acme.alice)
    data = {"csrf_token": browser.token()} if method == "POST" else None
    answer = browser.ask(path, method, data=data)
    assert answer.status_code == status
    page = browser.follow(answer, path)
    assert page.title
    assert "/" in page.links()


def test_programs_are_not_sent_pages(open_browser):
    """Under /api an unknown address answers in the API's own way."""
    answer = open_browser().ask("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.mimetype != "text/html"


@pytest.mark.parametrize("settings", [{"max_body_bytes": 2048}])
def test_a_body_that_is_too_large_is_refused(open_browser, alice, settings):
    """With a page, and nothing changed."""
    browser = open_browser(alice)
    answer = browser.send("/profile/name", **{"name-name": "x" * 5000})
    assert answer.status_code == 413
    assert "too large" in answer.text
