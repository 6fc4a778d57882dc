"""A company connects its OpenID provider, and an employee signs in with it."""

from datetime import UTC, datetime

import pytest

from app.services.people.sign_up import create_person
from app.services.plugins.configure import switch
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from app.store.accounts import owner_of
from tests.browser.eyes import look_everywhere
from tests.browser.installation import served
from tests.servers.oidc import open_id_provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ALICE, ANA = "alice@acme.test", "ana@acme.test"
PASSWORD = "correct horse battery"


def prepare(_):
    """Alice has a workspace whose domain is verified; the operator allows OpenID Connect alone."""
    now = datetime.now(UTC)
    create_person(ALICE, "Alice Arden", PASSWORD, now, verified=True)
    acme = start_workspace(ALICE, "acme", "Acme", "business", now, now)
    owner = access_to(owner_of(acme.id).person_id, "acme")[1]
    vouch_for_domain(owner, "acme.test", now)
    switch("sso_oidc", on=True)


@pytest.fixture
def company(sqlite_template, tmp_path):
    """A portal with that workspace, served in the company's own network."""
    with served(sqlite_template, tmp_path, prepare, fetch_from_private_networks=True) as installed:
        yield installed


@pytest.fixture(scope="module")
def provider():
    """The company's provider, which is another site than the portal."""
    people = {
        "alice": {"email": ALICE, "email_verified": True, "name": "Alice Arden"},
        "ana": {"email": ANA, "email_verified": True, "name": "Ana Arden"},
    }
    with open_id_provider(host="localhost", **people) as running:
        yield running


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_employee_signs_in_and_lands(company, provider, visit, scripts):
    """Alice sets it up as its page says; Ana only signs in there."""
    alice = visit(company, java_script_enabled=scripts).sign_in(ALICE, PASSWORD)
    connect(alice, provider, look=scripts)
    try_it(alice)
    alice.press("Switch on")
    alice.sees("Acme Login is on.")
    ana = visit(company, java_script_enabled=scripts)
    sign_in(ana, provider)
    for visitor in (alice, ana):
        of_the_portal_only(visitor, company)


def connect(alice, provider, *, look):
    alice.open("/accounts/acme")
    alice.tab("Acme", "Settings")
    alice.tab("Settings of Acme", "Single sign-on")
    alice.follow("Add your identity provider")
    alice.fill(Name="Acme Login")
    alice.press("Add")
    alice.headed("Acme Login")
    redirect_uri = alice.page.get_by_label("Redirect URI").first.input_value()
    client_id, secret = provider.register(redirect_uri)
    alice.page.get_by_label("Or its address").fill(provider.issuer)
    alice.page.get_by_label("Client ID").fill(client_id)
    alice.page.get_by_label("Client secret").fill(secret)
    assert not look or look_everywhere(alice.page) == []
    alice.press("Save")
    alice.sees("Saved.")
    alice.sees(f"{provider.issuer}/oauth2/authorize")


def try_it(alice):
    alice.follow("Test sign-in")
    alice.page.get_by_role("button", name="alice", exact=True).click()
    alice.headed("Accepted")
    alice.sees("The test succeeded.")
    assert {row[1] for row in alice.rows("checks")} == {"passed"}
    alice.follow("Go on setting up")


def sign_in(ana, provider):
    ana.open("/sign-in")
    ana.follow("Sign in with your company")
    ana.page.get_by_label("E-mail", exact=True).fill(ANA)
    ana.press("Go on")
    ana.page.wait_for_url(f"{provider.issuer}/**")
    ana.page.get_by_role("button", name="ana", exact=True).click()
    ana.headed("Hello, Ana Arden")
    ana.sees("Welcome to Acme")
    assert ana.switcher() == {"Ana Arden": "5", "Acme": "5,000"}


def of_the_portal_only(visitor, installation):
    """What the browser complains about at the provider is not ours to mend."""
    visitor.complaints[:] = [each for each in visitor.complaints if installation.url in each]
