"""Signing in through an identity provider, as a browser goes through it."""

import pytest

from app.store.accounts import membership_by_email
from app.store.database import db
from app.store.people import person_by_email, sign_ins_of
from tests.plugins.saml.company import OTHER_IDP, Company, quick_keys

ANA = "ana@acme.test"


@pytest.fixture
def database_url(sqlite_url):
    """The verbs are tried on both databases elsewhere."""
    return sqlite_url


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    quick_keys(monkeypatch)


@pytest.fixture
def company(app, acme):
    made = Company(app, acme.account.id)
    made.claim("acme.test")
    return made


def person_now(email=ANA):
    db.session.rollback()
    return person_by_email(email)


def test_an_employee_signs_in_for_the_first_time_and_is_in(company, acme, open_browser):
    browser = open_browser()
    page = company.sign_in(browser, path=company.path("login") + "?next=/accounts/acme")
    assert (page.status, page.path) == (200, "/accounts/acme")
    person = person_now()
    assert person.name == "Ana Arden"
    assert person.email_verified_at is not None
    assert membership_by_email(acme.account.id, ANA).role == "member"
    record = company.records()[0]
    assert (record.kind, record.email, record.refused_by) == ("sign_in", ANA, None)
    assert all(passed for _, passed, _ in record.checks)


def test_the_second_time_it_is_the_same_person(company, open_browser):
    company.sign_in(open_browser())
    first = person_now().id
    browser = open_browser()
    company.sign_in(browser, email="ana.arden@acme.test")
    assert person_now().id == first
    assert person_now("ana.arden@acme.test") is None
    assert browser.get("/profile").status == 200


def test_the_session_starts_without_cookies_at_the_answer(company, open_browser):
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked), company.now)
    answer = company.land(browser, raw, handle)
    assert (answer.status_code, "/finish/" in answer.headers["Location"]) == (303, True)
    assert browser.get("/").path == "/sign-in?next=/"
    assert browser.follow(answer, "/").path == "/"


def test_a_browser_that_brings_its_mark_is_in_at_once(company, open_browser):
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked), company.now)
    from tests.plugins.saml.idp import packed

    answer = browser.ask(
        company.path("acs"), "POST", data={"SAMLResponse": packed(raw), "RelayState": handle}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.get("/").path == "/"


def test_nobody_is_signed_in_as_somebody_else_unasked(company, open_browser):
    """Login CSRF: an attacker lets a victim's browser bring the attacker's answer."""
    attacker, victim = open_browser(), open_browser()
    asked, handle = company.begin(attacker)
    raw = company.idp.answer(company.says(asked, email="eve@acme.test"), company.now)
    page = victim.follow(company.land(victim, raw, handle), "/")
    assert "Sign in as" in page.title
    assert victim.get("/").path == "/sign-in?next=/"
    page = victim.submit(page.path)
    assert page.path == "/"


def test_a_session_is_never_fixed(company, open_browser):
    """What a browser carried before is dropped, and the ticket works once."""
    browser, other = open_browser(), open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked), company.now)
    answer = company.land(browser, raw, handle)
    assert browser.follow(answer, "/").path == "/"
    again = other.follow(answer, "/")
    assert again.status == 404
    assert other.get("/").path == "/sign-in?next=/"


def test_an_answer_works_once(company, open_browser):
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked), company.now)
    assert company.land(browser, raw, handle).status_code == 303
    again = company.land(browser, raw, handle)
    assert again.status_code == 403
    assert company.records()[0].refused_by == "begun_here"


def test_a_refusal_tells_strangers_nothing(company, open_browser):
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = OTHER_IDP.answer(company.says(asked), company.now)
    answer = company.land(browser, raw, handle)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "signature" not in text
    assert "certificate" not in text
    assert company.records()[0].refused_by == "issuer" or company.records()[0].refused_by
    assert person_now() is None


@pytest.mark.parametrize(
    "email",
    [
        "ana@other.test",
        "ana@sub.acme.test",
        "ana@acme.test.evil.test",
        "ana@аcme.test",  # noqa: RUF001 - its first letter is Cyrillic
        "ana@evil.test@acme.test",
        "acme.test",
    ],
)
def test_it_is_believed_about_its_own_domains_only(company, acme, open_browser, email):
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked, email=email), company.now)
    assert company.land(browser, raw, handle).status_code == 403
    assert company.records()[0].refused_by in ("domain", "address", "email")


def test_no_identity_provider_speaks_for_another_s_people(app, company, acme, open_browser):
    """Charlie's workspace has an identity provider that knows Acme's people, it says."""
    from app.services.workspaces.open import start_workspace
    from tests.conftest import START

    beta = start_workspace(acme.charlie.email, "beta", "Beta", "business", START, START)
    evil = Company(app, beta.id, OTHER_IDP)
    evil.claim("evil.test")
    before = len(sign_ins_of(acme.alice.id))
    browser = open_browser()
    asked, handle = evil.begin(browser)
    raw = evil.idp.answer(evil.says(asked, email=acme.alice.email), evil.now)
    assert evil.land(browser, raw, handle).status_code == 403
    assert evil.records()[0].refused_by == "domain"
    assert len(sign_ins_of(acme.alice.id)) == before


def test_a_domain_that_was_given_up_is_asked_on_every_sign_in(company, open_browser):
    from app.services.sso.domains.remove import remove_domain

    company.sign_in(open_browser())
    remove_domain(company.owner, "acme.test", company.now)
    browser = open_browser()
    asked, handle = company.begin(browser)
    raw = company.idp.answer(company.says(asked), company.now)
    assert company.land(browser, raw, handle).status_code == 403
    assert company.records()[0].refused_by == "domain"


def test_an_account_that_was_there_is_linked_by_its_password_once(company, acme, open_browser):
    browser = open_browser()
    page = company.sign_in(browser, subject="bob-1", email=acme.bob.email)
    assert "Is this account yours?" in page.title
    assert browser.get("/").path == "/sign-in?next=/"
    wrong = browser.submit(page.path, password="not the one at all")
    assert wrong.errors() == ["This is not the password of that account."]
    assert browser.submit(page.path, password="correct horse battery").path == "/"
    other = open_browser()
    assert company.sign_in(other, subject="bob-1", email=acme.bob.email).path == "/"


def test_passwords_are_not_guessed_at_a_link(company, acme, open_browser):
    browser = open_browser()
    page = company.sign_in(browser, email=acme.bob.email)
    for _ in range(10):
        browser.submit(page.path, password="not the one at all")
    assert browser.submit(page.path, password="correct horse battery").status == 404


def test_unsolicited_answers_need_to_be_switched_on(app, company, acme, open_browser):
    raw = company.idp.answer(company.says(), company.now)
    browser = open_browser()
    assert company.land(browser, raw).status_code == 403
    assert company.records()[0].refused_by == "begun_here"
    from app.services.sso.given import Given
    from app.services.sso.set_up import edit_provider

    edit_provider(company.owner, company.id, Given(unsolicited=True), company.now)
    assert browser.follow(company.land(browser, raw), "/").path == "/"
    assert company.land(browser, raw).status_code == 403
    assert company.records()[0].refused_by == "replay"


def test_unsolicited_answers_replace_nobody(company, acme, open_browser):
    from app.services.sso.given import Given
    from app.services.sso.set_up import edit_provider

    edit_provider(company.owner, company.id, Given(unsolicited=True), company.now)
    browser = open_browser(acme.charlie)
    page = browser.follow(
        company.land(browser, company.idp.answer(company.says(), company.now)), "/"
    )
    assert "Sign in as Ana Arden?" in page.title
    assert acme.charlie.email in browser.get("/profile").source


def test_a_program_with_an_unsolicited_answer_is_in_at_once(company, open_browser):
    from app.services.sso.given import Given
    from app.services.sso.set_up import edit_provider
    from tests.plugins.saml.idp import packed

    edit_provider(company.owner, company.id, Given(unsolicited=True), company.now)
    browser, raw = open_browser(), company.idp.answer(company.says(), company.now)
    answer = browser.ask(company.path("acs"), "POST", data={"SAMLResponse": packed(raw)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.get("/").path == "/"


def test_what_is_off_signs_nobody_in(company, open_browser):
    from app.services.sso.set_up import switch_off

    browser = open_browser()
    asked, handle = company.begin(browser)
    switch_off(company.owner, company.id)
    raw = company.idp.answer(company.says(asked), company.now)
    assert company.land(browser, raw, handle).status_code == 403
    assert company.records()[0].refused_by == "provider_on"
    assert browser.ask(company.path("login")).status_code == 404


def test_addresses_survive_a_new_name_of_the_workspace(company, acme, open_browser):
    from app.services.workspaces.rename import rename

    rename(company.owner, slug="acme-two")
    assert company.sign_in(open_browser()).path == "/"
    rename(company.owner, slug="acme")


def test_the_host_header_changes_nothing(company, open_browser):
    browser = open_browser()
    answer = browser.ask(company.path("metadata"), headers={"Host": "evil.test"})
    assert "evil.test" not in answer.get_data(as_text=True)
    asked, handle = company.begin(browser)
    assert asked.get("AssertionConsumerServiceURL") == company.answer_url
    raw = company.idp.answer(company.says(asked), company.now)
    assert company.land(browser, raw, handle, headers={"Host": "evil.test"}).status_code == 303


@pytest.mark.parametrize("size", [600_000, 2_000_000])
def test_a_flood_is_refused_and_recorded(company, open_browser, size):
    browser = open_browser()
    _, handle = company.begin(browser)
    answer = company.land(browser, b"x" * size, handle)
    assert answer.status_code == 403
    assert company.records()[0].refused_by


def test_the_sign_in_page_leads_to_the_company(company, open_browser):
    browser = open_browser()
    page = browser.submit("/sign-in", email="new@acme.test")
    assert page.path.startswith("/sign-in/company")
    assert page.headers["Refresh"] == f"0; url={company.path('login')}"
    assert company.path("login") in page.links()
    page = browser.get("/sign-in/company?email=x@nowhere.test")
    assert "Refresh" not in page.headers
    assert "No identity provider is known" in page.main


def test_the_other_side_ends_sessions(company, open_browser):
    from tests.plugins.saml.idp import packed

    browser = open_browser()
    company.sign_in(browser)
    message = company.idp.logout(company.logout_url, "person-1", company.now)
    from lxml import etree

    unsigned = packed(etree.tostring(message))
    answer = browser.ask(company.path("logout"), "POST", data={"SAMLRequest": unsigned})
    assert answer.status_code == 403
    assert browser.get("/").path == "/"
    company.idp.sign(message)
    signed = packed(etree.tostring(message))
    answer = browser.ask(company.path("logout"), "POST", data={"SAMLRequest": signed})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://idp.example/sso/out?SAMLResponse=")
    assert browser.get("/").path == "/sign-in?next=/"
    again = browser.ask(company.path("logout"), "POST", data={"SAMLRequest": signed})
    assert again.status_code == 403
