"""OpenID Connect from the set-up page to the first sign-in, at a provider of somebody else's."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from app.services.plugins.configure import switch
from app.services.sso import set_up
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from app.store.accounts import membership_by_email
from app.store.database import db
from app.store.identity_providers import identity_provider
from app.store.people import person_by_email
from app.store.sso_records import records_of
from tests.conftest import START
from tests.plugins.saml.company import OWN_KEY
from tests.servers.oidc import open_id_provider

ANA = "ana@acme.test"
LIST = "/accounts/acme/identity-providers"


def of(email, name="Ana Arden", **more):
    return {"email": email, "email_verified": True, "name": name, **more}


@pytest.fixture
def settings():
    return {"fetch_from_private_networks": True}


@pytest.fixture(scope="module")
def provider():
    """The company's identity provider."""
    with open_id_provider(
        ana=of(ANA, groups=["staff", "portal-admins"]),
        alice=of("alice@acme.test", "Alice Arden"),
        eve=of("eve@elsewhere.test"),
        una={"email": "una@acme.test"},
        nobody={},
    ) as running:
        yield running


@pytest.fixture
def company(app, acme, clock, monkeypatch):
    """Acme, whose domain is verified, on a portal whose operator allows OpenID Connect."""
    monkeypatch.setattr(set_up, "new_key", lambda *_: OWN_KEY)
    owner = access_to(acme.alice.id, "acme")[1]
    vouch_for_domain(owner, "acme.test", START, public=())
    switch("sso_oidc", on=True)
    clock.set(datetime.now(UTC))  # the provider's tokens are of today
    return acme


@pytest.fixture
def administrator(company, open_browser):
    """Alice, at her browser."""
    return open_browser(company.alice)


class Connected:
    """An identity provider that Alice set up, and told Coffer about."""

    def __init__(self, administrator, provider, **more):
        self.alice, self.provider = administrator, provider
        page = administrator.submit(f"{LIST}/new", name="Acme Login", handler="oidc")
        self.path, self.id = page.path, page.path.rpartition("/")[2]
        (self.redirect_uri,) = page.tree.xpath("//input[contains(@value, '/acs')]/@value")
        client_id, secret = provider.register(self.redirect_uri)
        self.saved = administrator.submit(
            self.path,
            document_url=provider.issuer,
            **{"value-client_id": client_id, "value-client_secret": secret},
            **more,
        )

    def go(self, browser, path, subject):
        """Begin there, sign in at the provider, come back, and land."""
        begun = browser.ask(path)
        assert begun.status_code == 303, begun.get_data(as_text=True)
        self.sent = begun.headers["Location"]
        back = self.provider.sign_in(self.sent, subject)
        assert back.startswith(self.redirect_uri + "?")
        parts = urlsplit(back)
        self.back = f"{parts.path}?{parts.query}"
        return browser.ask(self.back)

    def sign_in(self, browser, subject):
        return self.go(browser, f"/sso/{self.id}/login", subject)

    def test(self):
        answer = self.go(self.alice, f"{self.path}/test", "alice")
        return self.alice.follow(answer, "/")

    def switched_on(self):
        self.test()
        self.alice.submit(self.path, action=f"{self.path}/on")
        return self

    @property
    def record(self):
        db.session.rollback()
        return records_of(identity_provider(self.id).id)[0]


def test_from_set_up_to_the_first_sign_in(company, administrator, provider, open_browser):
    connected = Connected(administrator, provider)
    assert "Saved." in connected.saved.main
    assert provider.issuer in connected.saved.main
    assert "begin at the identity provider" not in connected.saved.main
    tested = connected.test()
    assert "Accepted" in tested.title
    assert "email_verified" in tested.main
    connected.switched_on()
    browser = open_browser()
    page = browser.follow(connected.sign_in(browser, "ana"), "/")
    assert (page.status, page.path) == (200, "/")
    assert "Welcome to Acme" in page.tree.text_content()
    db.session.rollback()
    person = person_by_email(ANA)
    assert (person.name, person.email_verified_at is not None) == ("Ana Arden", True)
    assert membership_by_email(company.account.id, ANA).role == "member"
    assert (connected.record.email, connected.record.refused_by) == (ANA, None)
    again = open_browser()
    assert again.follow(connected.sign_in(again, "ana"), "/").path == "/"
    assert person_by_email(ANA).id == person.id


class TestOnOneDatabase:
    """The rest, whose database work is tried above."""

    @pytest.fixture
    def database_url(self, sqlite_url):
        return sqlite_url

    @pytest.fixture
    def connected(self, administrator, provider):
        return Connected(administrator, provider).switched_on()

    def test_what_is_sent(self, connected, open_browser):
        connected.sign_in(open_browser(), "ana")
        asked = {name: value for name, (value,) in parse_qs(urlsplit(connected.sent).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == connected.redirect_uri
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        assert {"state", "nonce", "code_challenge"} <= asked.keys()

    def test_an_answer_works_once(self, connected, open_browser):
        browser = open_browser()
        assert connected.sign_in(browser, "ana").status_code == 303
        again = browser.ask(connected.back)
        assert (again.status_code, connected.record.refused_by) == (403, "begun_here")

    def test_another_browser_is_asked_first(self, connected, open_browser):
        """Login CSRF: an attacker lets a victim's browser bring the attacker's answer."""
        attacker, victim = open_browser(), open_browser()
        begun = attacker.ask(f"/sso/{connected.id}/login").headers["Location"]
        parts = urlsplit(connected.provider.sign_in(begun, "ana"))
        answer = victim.ask(f"{parts.path}?{parts.query}")
        assert "Sign in as" in victim.follow(answer, "/").title
        assert victim.get("/").path == "/sign-in?next=/"

    @pytest.mark.parametrize(
        ("subject", "check"),
        [("eve", "domain"), ("una", "email_verified"), ("nobody", "one_email")],
    )
    def test_who_is_not_let_in(self, connected, open_browser, subject, check):
        answer = connected.sign_in(open_browser(), subject)
        assert (answer.status_code, connected.record.refused_by) == (403, check)
        assert "verified" not in answer.get_data(as_text=True)

    def test_who_had_an_account_links_it_by_its_password(self, connected, open_browser):
        browser = open_browser()
        answer = connected.sign_in(browser, "alice")
        assert "/link/" in answer.headers["Location"]

    def test_roles_follow_what_the_provider_says(
        self, connected, company, administrator, open_browser
    ):
        administrator.submit(
            connected.path, document_url="", role_attribute="groups", role_admin="portal-admins"
        )
        connected.sign_in(open_browser(), "ana")
        db.session.rollback()
        assert membership_by_email(company.account.id, ANA).role == "admin"

    def test_the_secret_is_sealed_and_never_shown_again(self, connected, administrator):
        db.session.rollback()
        row = identity_provider(connected.id)
        assert set(row.values) >= {"client_id"}
        assert "client_secret" not in row.values
        page = administrator.get(connected.path)
        (field,) = page.tree.xpath("//input[@name='value-client_secret']")
        assert not field.get("value")
        administrator.submit(connected.path, document_url="", name="Renamed")
        assert connected.test().path.endswith("records/2")

    def test_a_wrong_secret_is_said_in_the_record(self, connected, administrator):
        administrator.submit(connected.path, document_url="", **{"value-client_secret": "wrong"})
        page = connected.test()
        assert "Refused" in page.title
        assert "client secret" in page.main

    def test_signing_out_here_signs_out_there(self, connected, administrator, open_browser):
        administrator.submit(connected.path, document_url="", **{"value-tell_sign_out": "y"})
        browser = open_browser()
        connected.sign_in(browser, "ana")
        answer = browser.send("/sign-out")
        there = urlsplit(answer.headers["Refresh"].partition("url=")[2])
        assert there.path == "/oauth2/end_session"
        asked = {name: value for name, (value,) in parse_qs(there.query).items()}
        assert asked["id_token_hint"].count(".") == 2
        back = urlsplit(asked["post_logout_redirect_uri"]).path
        assert "signed out" in browser.get(f"{back}?state={asked['state']}").main
        assert browser.get("/").path == "/sign-in?next=/"

    def test_a_document_of_another_address_is_refused(self, administrator, provider):
        other = provider.issuer.replace("127.0.0.1", "localhost") + "/x"
        page = administrator.submit(f"{LIST}/new", name="Other", handler="oidc")
        values = {"value-client_id": "a", "value-client_secret": "b"}
        wrong = provider.issuer + "/.well-known/openid-configuration?a=b"
        saved = administrator.submit(page.path, document_url=wrong, **values)
        assert f"belongs at {provider.issuer}/.well-known/" in saved.main
        saved = administrator.submit(page.path, document_url=other, **values)
        assert "status 404" in saved.main

    def test_client_id_and_secret_are_asked_for(self, administrator, provider):
        page = administrator.submit(f"{LIST}/new", name="Other", handler="oidc")
        saved = administrator.submit(page.path, document_url=provider.issuer)
        assert "Give the client ID" in saved.main
