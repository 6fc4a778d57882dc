"""Domains as administrators see them, and joining by one's address as people do."""

import re

import pytest

from app.services.people.sign_up import create_person
from app.services.plugins.configure import set_setting, switch
from app.services.sso.domains.claim import vouch_for_domain
from app.services.workspaces.access import access_to
from tests.conftest import PASSWORD, START, person

DOMAINS = "/accounts/acme/domains"
VERIFY, REMOVE = f"{DOMAINS}/corp.test/verify", f"{DOMAINS}/corp.test/remove"


@pytest.fixture
def settings(name_server):
    """Let Coffer ask the name server of the test."""
    return {"dns_servers": name_server.setting, "dns_timeout_seconds": 5}


@pytest.fixture
def alices(acme, open_browser):
    """The owner's browser."""
    return open_browser(acme.alice)


@pytest.fixture
def vouched(acme):
    """Corp.test belongs to Acme."""
    return vouch_for_domain(access_to(acme.alice.id, "acme")[1], "corp.test", START)


def record_on(page):
    (value,) = page.tree.xpath("//input[@readonly]/@value")
    return value


def test_a_domain_from_its_adding_to_its_end(alices, name_server):
    assert "No domain yet" in alices.get(DOMAINS).main
    page = alices.submit(DOMAINS, domain="Corp.TEST")
    assert "corp.test is added. Now publish its TXT record." in page.main
    record = record_on(page)
    assert re.fullmatch(r"coffer-domain-verification=[\w-]{32}", record)
    name_server.publish("corp.test", "v=spf1 -all")
    page = alices.submit(DOMAINS, VERIFY)
    assert (page.path, page.main.count("and it is another: “v=spf1 -all”")) == (DOMAINS, 2)
    name_server.publish("corp.test", "v=spf1 -all", record)
    page = alices.submit(DOMAINS, VERIFY)
    assert "corp.test is verified." in page.main
    assert "New people with an address that ends in @corp.test join as member" in page.main
    name_server.fail("corp.test", "SERVFAIL")
    assert "corp.test stays verified." in alices.submit(DOMAINS, VERIFY).main
    name_server.forget()
    assert "so nobody new joins by this domain" in alices.submit(DOMAINS, VERIFY).main
    page = alices.get(REMOVE)
    assert "What ends at once" in page.main
    assert "All members, with their roles" in page.main
    page = alices.submit(REMOVE)
    assert (page.path, "corp.test is removed." in page.main) == (DOMAINS, True)
    assert "No domain yet" in page.main


@pytest.mark.parametrize("domain", ["", "gmail.com", "co.uk", "nonsense", "bob@corp.test"])
def test_what_can_not_be_added_is_said_beside_the_field(domain, alices):
    page = alices.submit(DOMAINS, domain=domain)
    assert page.status == 422
    assert page.errors()


def test_an_international_domain_is_shown_both_ways(alices):
    page = alices.submit(DOMAINS, domain="bücher.test")
    assert "bücher.test" in page.main
    assert "In DNS: xn--bcher-kva.test" in page.main
    assert f"{DOMAINS}/xn--bcher-kva.test/verify" in page.actions()


def test_a_domain_of_another_workspace_is_refused_once_it_is_proved(
    alices, open_browser, acme, name_server
):
    from app.services.workspaces.open import start_workspace

    start_workspace(acme.charlie.email, "beta", "Beta", "business", START, START)
    vouch_for_domain(access_to(acme.charlie.id, "beta")[1], "corp.test", START)
    page = alices.submit(DOMAINS, domain="corp.test")
    assert "Another workspace" not in page.main
    name_server.publish("corp.test", record_on(page))
    page = alices.submit(DOMAINS, VERIFY)
    assert "Another workspace has verified corp.test" in page.main
    assert "Beta" not in page.main


def test_the_operators_word_is_told_apart(alices, vouched):
    assert "by the operator's word" in alices.get(DOMAINS).main
    assert "stays verified" in alices.submit(DOMAINS, VERIFY).main


def signed_up(open_browser, link, email="nora@corp.test"):
    """Sign up through the pages, and press the button that the mailed link leads to."""
    browser = open_browser()
    browser.submit("/sign-up", name="Nora", email=email, password=PASSWORD)
    return browser, browser.submit(link(email, "verify"))


def test_a_new_colleague_lands_in_the_workspace(vouched, open_browser, link):
    _, page = signed_up(open_browser, link)
    assert page.path == "/accounts/acme"
    assert "Thank you, your address is confirmed. Welcome to Acme." in page.main
    assert "you are a member" in page.main


def test_somebody_elses_address_lands_at_home(vouched, open_browser, link):
    browser, page = signed_up(open_browser, link, "nora@xcorp.test")
    assert (page.path, "Acme" in page.source) == ("/", False)
    assert browser.get("/accounts/acme").status == 404


def test_who_is_refused_by_a_plugin_is_told_and_stays_a_person(vouched, open_browser, link):
    switch("house_rules", on=True)
    set_setting("house_rules", "joining_domains", "acme.test")
    browser, page = signed_up(open_browser, link)
    assert page.path == "/"
    assert "You could not join Acme: Only addresses of acme.test" in page.main
    refused = browser.submit("/", "/accounts/acme/join")
    assert refused.status == 403


def test_who_had_an_account_is_offered_to_join(vouched, open_browser):
    olaf = open_browser(person("olaf@corp.test", "Olaf"))
    for path in ("/", "/workspaces/new"):
        assert "Acme is open to you" in olaf.get(path).main
    page = olaf.submit("/", "/accounts/acme/join")
    assert (page.path, "Welcome to Acme." in page.main) == ("/accounts/acme", True)
    assert "is open to you" not in olaf.get("/").main


def test_an_offer_can_be_declined(vouched, open_browser):
    olaf = open_browser(person("olaf@corp.test", "Olaf"))
    page = olaf.submit("/", "/accounts/acme/join/decline")
    assert "You won't be offered this again." in page.main
    assert "is open to you" not in page.main
    assert olaf.send("/accounts/acme/join").status_code == 404


def test_nobody_unproved_sees_what_their_address_would_open(vouched, open_browser):
    create_person("olaf@corp.test", "Olaf", PASSWORD, START)
    olaf = open_browser().sign_in("olaf@corp.test")
    assert "Acme" not in olaf.get("/").source
