"""Fixtures of the pages' tests: browsers, mails with their links, and credits that are spent."""

import pytest

from app.services.credits.caller import caller_of
from app.services.credits.spend import Spending, deduct
from app.services.tokens.make_token import make_service_token
from app.store.database import db
from app.store.mails import Mail
from tests.web.pages.browser import Browser


@pytest.fixture
def open_browser(app):
    """Open a browser, signed in when a person is given."""

    def opened(someone=None):
        browser = Browser(app)
        return browser.sign_in(someone.email) if someone else browser

    return opened


@pytest.fixture
def link(app):
    """The path of the link in the last mail of that kind to an address."""

    def find(email, template):
        db.session.rollback()
        statement = db.select(Mail).where(Mail.recipient == email, Mail.template == template)
        mails = db.session.scalars(statement.order_by(Mail.id)).all()
        assert mails, f"no mail {template} to {email}"
        links = app.extensions["coffer"].links
        purpose, claims = mails[-1].context["link"]
        return links.url(purpose, claims).removeprefix(app.extensions["coffer"].settings.public_url)

    return find


@pytest.fixture
def spend(app, clock):
    """Take credits from Acme."""
    caller = caller_of(make_service_token("spend", clock.now())[1], clock.now())
    count = iter(range(10_000))

    def take(member, action="deploy", quantity=1, app=None, account="acme"):
        reference = f"app_{app.id}" if app else None
        spending = Spending(account, member.email, reference, action, quantity)
        return deduct(caller, spending, f"spend-{next(count)}", clock.now()).value

    return take
