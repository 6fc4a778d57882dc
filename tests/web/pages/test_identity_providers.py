"""The pages on which a workspace connects its identity provider, as its admin goes through them."""

import pytest

from app.services.plugins.configure import switch
from tests.plugins.saml.company import OTHER_IDP, THE_IDP, Company, quick_keys

LIST = "/accounts/acme/identity-providers"


@pytest.fixture
def database_url(sqlite_url):
    """The verbs are tried on both databases elsewhere."""
    return sqlite_url


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    quick_keys(monkeypatch)


@pytest.fixture
def admin(acme, open_browser):
    """An admin's browser."""
    return open_browser(acme.carol)


@pytest.fixture
def company(app, acme):
    made = Company(app, acme.account.id)
    made.claim("acme.test")
    return made


def test_without_a_protocol_there_is_nothing_to_add(admin):
    page = admin.get(LIST)
    assert "Ask the operator" in page.main
    assert f"{LIST}/new" not in page.links()


def test_set_up_step_by_step(app, acme, admin):
    switch("sso_saml", on=True)
    assert "No identity provider yet" in admin.get(LIST).main
    page = admin.submit(f"{LIST}/new", name="Acme Login", handler="saml")
    where = page.path
    public_id = where.rpartition("/")[2]
    assert f"/sso/{public_id}/acs" in page.source
    assert "First give Coffer its metadata" in page.main
    wrong = admin.submit(where, document="<html/>")
    assert wrong.status == 422
    assert any("EntityDescriptor" in words for words in wrong.errors())
    page = admin.submit(where, document=THE_IDP.metadata())
    assert THE_IDP.entity_id in page.main
    assert page.rows("certificates")[0][0] == "CN=idp.example"
    assert f"{where}/test" in page.links()
    assert f"{where}/on" not in page.actions()


def test_a_file_is_taken(company, admin):
    from io import BytesIO

    file = (BytesIO(OTHER_IDP.metadata().encode()), "metadata.xml")
    where = f"{LIST}/{company.id}"
    answer = admin.ask(
        where,
        "POST",
        data={"csrf_token": admin.token(), "name": "Acme Login", "document_file": file},
        content_type="multipart/form-data",
    )
    assert OTHER_IDP.entity_id in admin.follow(answer, where).main


def test_a_test_shows_each_check_and_what_came(company, acme, admin):
    where = f"{LIST}/{company.id}"
    page = company.sign_in(admin, path=f"{where}/test", attributes={"groups": ["staff", "boss"]})
    assert page.title == "Accepted"
    assert {row[1] for row in page.rows("checks")} == {"passed"}
    assert "staff, boss" in page.main
    assert "staff, boss" in admin.get(where).main
    page = company.sign_in(admin, path=f"{where}/test", email="x@evil.test")
    assert page.title == "Refused"
    assert page.rows("checks")[-1][:2] == ["domain", "failed"]
    latest = admin.get(f"{where}/records").rows("records")[0]
    assert latest[3].startswith("refused")


def test_a_test_signs_nobody_in_elsewhere(company, admin, open_browser):
    """Its answer, brought by somebody else, leads to a page that is not theirs to see."""
    asked, handle = company.begin(admin, f"{LIST}/{company.id}/test")
    raw = company.idp.answer(company.says(asked), company.now)
    other = open_browser()
    page = other.follow(company.land(other, raw, handle), "/")
    assert page.path.startswith("/sign-in")


def test_roles_are_mapped_by_words(company, admin):
    where = f"{LIST}/{company.id}"
    admin.submit(where, role_attribute="groups", role_admin="boss, lead", role_member="staff")
    row = company.row
    assert row.role_attribute == "groups"
    assert row.role_values == {"staff": "member", "boss": "admin", "lead": "admin"}
    assert "boss, lead" in admin.get(where).source


def test_values_of_the_protocol_have_fields(company, admin):
    where = f"{LIST}/{company.id}"
    page = admin.submit(where, **{"value-email_attribute": "mail", "value-clock_skew_seconds": "9"})
    assert company.row.values["email_attribute"] == "mail"
    assert company.row.values["clock_skew_seconds"] == 9
    assert "Test it once more" in page.main


def test_on_off_and_away(company, admin):
    where = f"{LIST}/{company.id}"
    assert "is off" in admin.submit(where, f"{where}/off").main
    assert "is on" in admin.submit(where, f"{where}/on").main
    page = admin.submit(f"{where}/remove")
    assert "is removed" in page.main
    assert admin.get(where).status == 404


def test_what_is_missing_before_it_can_be_required(company, admin):
    page = admin.get(LIST)
    assert "Nobody has signed in" in page.main
    assert "second way in" in page.main
    assert f"{LIST}/require" not in page.actions()


def test_signing_out_here_leads_on_if_that_was_chosen(company, admin, open_browser):
    admin.submit(f"{LIST}/{company.id}", **{"value-tell_sign_out": "y"})
    browser = open_browser()
    company.sign_in(browser)
    page = browser.submit("/", "/sign-out")
    assert page.headers["Refresh"].startswith("0; url=https://idp.example/sso/out?SAMLRequest=")
    assert browser.get("/").path.startswith("/sign-in")
