"""A company with an identity provider: Acme trusts one, and its people sign in through it."""

from urllib.parse import parse_qs, urlsplit

from flask import Flask

from app.services.plugins.configure import switch
from app.services.sso import our_side
from app.services.sso.domains.claim import vouch_for_domain
from app.services.sso.given import Given
from app.services.sso.our_side import OwnKey, addresses_of
from app.services.sso.set_up import add_as_operator
from app.services.workspaces.access import access_to
from app.store.accounts import owner_of
from app.store.database import db
from app.store.identity_providers import identity_provider
from app.store.sso_records import records_of
from tests.conftest import START
from tests.plugins.saml.idp import Idp, Saying, make_key, packed, request_in

OWN_KEY = OwnKey(*make_key())
# Making keys takes longer than anything else here; nothing depends on whose they are.
THE_IDP, OTHER_IDP = Idp(), Idp("https://other.example/metadata")


def quick_keys(monkeypatch):
    """Let all identity providers share one key of ours."""
    monkeypatch.setattr(our_side, "new_key", lambda *_: OWN_KEY)
    monkeypatch.setattr("app.services.sso.set_up.new_key", lambda *_: OWN_KEY)


class Company:
    """A workspace with an identity provider that is on."""

    def __init__(self, app: Flask, account_id: int, idp: Idp = THE_IDP, **given):
        self.app, self.account_id, self.idp = app, account_id, idp
        switch("sso_saml", on=True)
        given = Given(name="Acme Login", document=idp.metadata(), **given)
        self.id = add_as_operator(account_id, "saml", given, START).public_id
        for name, value in addresses_of(self.id).items():
            setattr(self, name, value)

    @property
    def now(self):
        return self.app.extensions["coffer"].clock.now()

    @property
    def row(self):
        db.session.rollback()
        return identity_provider(self.id)

    @property
    def owner(self):
        """What the owner may do."""
        return access_to(owner_of(self.account_id).person_id, self.row.account.slug)[1]

    def claim(self, domain):
        """Have a domain verified by the operator's word."""
        vouch_for_domain(self.owner, domain, START, public=())

    def path(self, door, **more):
        """The path of one of our doors."""
        return f"/sso/{self.id}/{door}"

    def begin(self, browser, path=None):
        """Begin in a browser: the request that went out, and the handle."""
        answer = browser.ask(path or self.path("login"))
        assert answer.status_code == 303, answer.get_data(as_text=True)
        url = answer.headers["Location"]
        return request_in(url), parse_qs(urlsplit(url).query)["RelayState"][0]

    def says(self, asked=None, **more):
        """What an honest answer says."""
        return Saying(
            self.answer_url, self.entity_id, asked.get("ID") if asked is not None else None, **more
        )

    def land(self, browser, raw, handle=None, headers=None, **more):
        """Bring an answer as a browser does that another site told to: without our cookies."""
        fields = {"SAMLResponse": packed(raw)} | ({"RelayState": handle} if handle else {})
        return Elsewhere(browser).ask(
            self.path("acs"),
            "POST",
            data=fields,
            headers={"Origin": "https://idp.example", **(headers or {})},
            **more,
        )

    def sign_in(self, browser, *, path=None, **more):
        """Go through it all, and where it leads."""
        asked, handle = self.begin(browser, path)
        raw = self.idp.answer(self.says(asked, **more), self.now)
        return browser.follow(self.land(browser, raw, handle), self.path("acs"))

    def records(self):
        """What the flight recorder has, the latest first."""
        return records_of(self.row.id)


class Elsewhere:
    """The same browser on another site's page: what is posted from there has no Lax cookies."""

    def __init__(self, browser):
        self.browser = browser

    def ask(self, path, method, **more):
        """Post without cookies, and keep those that come."""
        client = self.browser.client
        kept, client._cookies = client._cookies, {}
        try:
            return self.browser.ask(path, method, **more)
        finally:
            client._cookies = {**(kept or {}), **(client._cookies or {})}
