"""Apps on hosts of their own: no page of the portal is there, and no app is on the portal's."""

import pytest

from app.settings import Settings
from app.sources import BadSetting, load_settings
from app.store.sites import site_of_app
from tests.web.pages.browser import Browser
from tests.web.sites.conftest import FILES, PAGE

PORTAL = "coffer.example"


@pytest.fixture
def database_url(sqlite_url):
    """What is asked of the database is tried on both by the verbs' own tests."""
    return sqlite_url


@pytest.fixture
def settings():
    """An installation with a host for apps."""
    return {"sites_host": "apps.example:8443", "public_url": f"https://{PORTAL}"}


@pytest.fixture
def name(put_on, shop):
    """The name of the shop's site, with its files on the web."""
    put_on()
    return site_of_app(shop.id).name


@pytest.fixture
def host(name):
    """The shop's own host."""
    return f"{name}.apps.example:8443"


def test_an_app_is_on_its_own_host_unsandboxed(ask, host):
    answer = ask("/", host=host)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert "Content-Security-Policy" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Origin-Agent-Cluster"] == "?1"
    assert answer.headers["Strict-Transport-Security"]
    assert ask("/app.js", host=host.upper()).data == FILES["app.js"]
    assert ask("/docs", host=host).headers["Location"] == "./docs/"


PORTAL_PATHS = ["/sign-in", "/api/v1/accounts", "/static/coffer.css", "/healthz", "/metrics"]


@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
@pytest.mark.parametrize("path", [*PORTAL_PATHS, "/sites/x/", "/accounts/acme"])
def test_the_portal_is_not_on_an_app_s_host(app, acme, host, path, method):
    signed_in = Browser(app).sign_in(acme.alice.email)
    cookies = "; ".join(f"{each.key}={each.value}" for each in signed_in.client._cookies.values())
    answer = signed_in.ask(path, method, headers={"Host": host, "Cookie": cookies})
    assert answer.status_code in (404, 405)
    assert b"Coffer" not in answer.data
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("other", ["nobody", "a.b", "", "-", "x" * 70])
def test_no_other_host_under_it_is_the_portal(ask, name, other):
    for path in ("/", "/sign-in"):
        answer = ask(path, host=f"{other}.apps.example".lstrip("."))
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")


def test_the_portal_s_host_leads_to_the_app_s(ask, name, host):
    answer = ask(f"/sites/{name}/docs/?q=1", host=PORTAL)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"https://{host}/docs/")


@pytest.mark.parametrize("name", ["evil.example%23", "evil.example%3F", "evil.example%5C", "a.b"])
def test_the_portal_s_host_leads_nowhere_else(ask, name):
    """A name with a character that ends a host would make the address another host's."""
    answer = ask(f"/sites/{name}/x", host=PORTAL)
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


def test_another_name_that_ends_alike_is_the_portal_s(ask, app):
    assert ask("/sign-in", host="notapps.example").status_code == 200


def test_the_portal_can_t_be_under_the_host_of_apps(tmp_path):
    for portal in ("https://apps.example", "https://coffer.apps.example"):
        with pytest.raises(BadSetting, match=r"SITES_HOST .*the portal itself is at"):
            load_settings(instance=tmp_path, public_url=portal, sites_host="apps.example")
    assert Settings(public_url="https://coffer.example", sites_host="apps.example").sites_host
