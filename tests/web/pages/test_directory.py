"""The page of a company's directory: its address, its token, and who is left out."""

import json

import pytest

from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from tests.conftest import START

PAGE = "/accounts/acme/directory"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture
def alices(acme, open_browser):
    """The owner's browser; corp.test belongs to Acme."""
    vouch_for_domain(access_to(acme.alice.id, "acme")[1], "corp.test", START)
    return open_browser(acme.alice)


def test_a_directory_is_connected_used_and_cut_off(app, alices, open_browser):
    assert PAGE in alices.get("/accounts/acme/domains").links()
    page = alices.submit(PAGE, f"{PAGE}/token")
    (token,) = page.tree.xpath("//input[@id='secret']/@value")
    (address,) = page.tree.xpath("//input[@id='address']/@value")
    assert token not in alices.get(PAGE).source

    def call(name, email):
        body = {"schemas": [USER], "userName": name, "emails": [{"value": email}]}
        path = address.removeprefix(app.extensions["coffer"].settings.public_url)
        headers = {"Authorization": f"Bearer {token}"}
        return open_browser().ask(f"{path}/Users", "POST", data=json.dumps(body), headers=headers)

    assert call("nora", "nora@corp.test").status_code == 201
    assert call("<b>olaf</b>", "olaf@elsewhere.test").status_code == 201
    shown = alices.get(PAGE).main
    assert "2, 2 of them active" in shown
    assert "<b>olaf</b> (olaf@elsewhere.test)" in shown
    assert "nora@corp.test" not in shown
    assert "Nora" not in shown
    assert "nora@corp.test" in alices.get("/accounts/acme/members").main
    page = alices.submit(PAGE, f"{PAGE}/token/revoke")
    assert "The directory can't call any more." in page.main
    assert call("late", "late@corp.test").status_code == 401
