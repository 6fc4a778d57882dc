"""Pages go out packed, but never where another site may have asked for them."""

import gzip

import pytest

from tests.web.pages.browser import Browser

PACKED = {"Accept-Encoding": "gzip"}


def ask(app, path, **headers):
    return Browser(app).ask(path, headers=PACKED | headers)


@pytest.fixture
def database_url(sqlite_url):
    """Nothing here depends on the database."""
    return sqlite_url


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize("path", ["/sign-in", "/api/docs"])
def test_what_people_and_our_pages_ask_for_is_packed(app, path, site):
    plain = ask(app, path, **{"Sec-Fetch-Site": "cross-site"})
    packed = ask(app, path, **{"Sec-Fetch-Site": site})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) * 2 < len(plain.data)
    assert b"</html>" in gzip.decompress(packed.data)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", None])
def test_what_another_site_may_have_caused_is_not(app, site):
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    answer = ask(app, "/sign-in?next=/guess", **headers)
    assert "Content-Encoding" not in answer.headers
    assert b"</html>" in answer.data


def test_who_can_t_unpack_gets_it_plain(app):
    headers = {"Sec-Fetch-Site": "none", "Accept-Encoding": "identity"}
    assert "Content-Encoding" not in ask(app, "/sign-in", **headers).headers


def test_what_is_no_page_is_left_alone(app):
    for path in ("/healthz", "/api/v1/openapi.json"):
        answer = ask(app, path, **{"Sec-Fetch-Site": "none"})
        assert "Content-Encoding" not in answer.headers, path


def test_the_stylesheet_is_packed_once(app):
    answer = ask(app, "/looks/any.css", **{"Sec-Fetch-Site": "same-origin"})
    assert b"body" in gzip.decompress(answer.data)
