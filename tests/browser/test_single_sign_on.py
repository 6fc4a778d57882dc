"""A company connects its identity provider, and an employee signs in and spends."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from app.services.people.sign_up import create_person
from app.services.plugins.configure import switch
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from app.store.accounts import owner_of
from tests.browser.eyes import look_everywhere
from tests.browser.identity_provider import identity_provider, metadata_of
from tests.browser.installation import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ALICE, ANA = "alice@acme.test", "ana@acme.test"
PASSWORD = "correct horse battery"


def prepare(_):
    """Alice has a workspace whose domain is verified; the operator allows SAML."""
    now = datetime.now(UTC)
    create_person(ALICE, "Alice Arden", PASSWORD, now, verified=True)
    acme = start_workspace(ALICE, "acme", "Acme", "business", now, now)
    owner = access_to(owner_of(acme.id).person_id, "acme")[1]
    vouch_for_domain(owner, "acme.test", now)
    switch("sso_saml", on=True)


@pytest.fixture
def company(sqlite_template, tmp_path):
    """A portal with that workspace, served."""
    with served(sqlite_template, tmp_path, prepare) as installed:
        yield installed


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_employee_signs_in_lands_and_spends(company, visit, tmp_path, scripts):
    """Alice sets it up with its administrator; Ana only signs in there."""
    alice = visit(company, java_script_enabled=scripts).sign_in(ALICE, PASSWORD)
    told = add(alice)
    with identity_provider(tmp_path, told["Entity ID (audience)"], told["ACS URL"]) as idp:
        connect(alice, idp)
        try_it(alice, scripts)
        switch_it_on(alice)
        ana = visit(company, java_script_enabled=scripts)
        sign_in(ana, idp, scripts)
        spend(company)
        see_her(alice)
        other = visit(company, java_script_enabled=scripts)
        link_an_account(other, idp, scripts)
        for visitor in (alice, ana, other):
            of_the_portal_only(visitor, company)


def add(alice):
    alice.open("/accounts/acme")
    alice.tab("Acme", "Settings")
    alice.tab("Settings of Acme", "Single sign-on")
    alice.follow("Add your identity provider")
    alice.fill(Name="Acme Login")
    alice.press("Add")
    alice.headed("Acme Login")
    labels = {"Entity ID (audience)": "Entity ID", "ACS URL": "ACS URL"}
    return {
        name: alice.page.get_by_label(words).first.input_value() for name, words in labels.items()
    }


def connect(alice, idp):
    alice.page.get_by_label("Or its text").fill(metadata_of(idp))
    alice.press("Save")
    alice.sees("Saved.")
    alice.sees(f"{idp}/saml/sso")
    expect(alice.page.locator("table[aria-labelledby=certificates] tbody tr")).to_have_count(1)


def try_it(alice, scripts):
    alice.follow("Test sign-in")
    at_the_identity_provider(alice, scripts)
    alice.headed("Accepted")
    alice.sees("The test succeeded.")
    assert {row[1] for row in alice.rows("checks")} == {"passed"}
    alice.follow("Go on setting up")


def switch_it_on(alice):
    alice.press("Switch on")
    alice.sees("Acme Login is on.")


def sign_in(ana, idp, scripts):
    ana.open("/sign-in")
    ana.follow("Sign in with your company")
    ana.page.get_by_label("E-mail", exact=True).fill(ANA)
    ana.press("Go on")
    ana.page.wait_for_url(f"{idp}/**")
    at_the_identity_provider(ana, scripts)
    ana.headed("Hello, Ana Arden")
    ana.sees("Welcome to Acme")
    assert ana.switcher() == {"Ana Arden": "5", "Acme": "5,000"}


def link_an_account(visitor, idp, scripts):
    """Alice had an account before; its password links it, once."""
    visitor.open("/sign-in/company")
    visitor.page.get_by_label("E-mail", exact=True).fill(ALICE)
    visitor.press("Go on")
    visitor.page.wait_for_url(f"{idp}/**")
    visitor.page.locator("[name=userName]").fill("employee-1")
    visitor.page.locator("[name=email]").fill(ALICE)
    at_the_identity_provider(visitor, scripts)
    visitor.headed("Is this account yours?")
    assert not scripts or look_everywhere(visitor.page) == []
    visitor.fill(Password=PASSWORD)
    visitor.press("Link this account and sign in")
    visitor.headed("Hello, Alice Arden")


def at_the_identity_provider(visitor, scripts):
    """Press its buttons: the one that signs in, and without scripts the one that goes back."""
    visitor.page.locator("#btn-sign-in").click()
    if not scripts:
        visitor.page.get_by_role("button", name="Submit").click()


def spend(installation):
    token = installation.coffer("token", "create", "--service", "platform")
    task = {"account": "acme", "member": ANA, "action": "deploy"}
    status, done = installation.deduct(token, "one", **task)
    assert (status, done["member"], done["balance_after"]) == (201, ANA, 4999)
    assert installation.coffer("ledger", "verify")


def see_her(alice):
    alice.tab("Acme", "Members")
    assert [row[1] for row in alice.rows("members")] == [ALICE, ANA]
    alice.tab("Acme", "History")
    assert "Ana Arden" in alice.rows("lines")[0]


def of_the_portal_only(visitor, installation):
    """What the browser complains about at the identity provider is not ours to mend."""
    visitor.complaints[:] = [each for each in visitor.complaints if installation.url in each]
