"""Two-factor sign-in as a person meets it: set-up, second step, recovery codes, the way out."""

from urllib.parse import unquote

import pytest

from app.services.people.sign_in import start_session
from app.services.people.two_factor import two_factor_state
from app.store.database import db, transaction
from tests.conftest import PASSWORD
from tests.services.people.second_factors import Device

PAGE, OFF = "/profile/two-factor", "/profile/two-factor/off"
CODES = "/profile/two-factor/recovery-codes"


@pytest.fixture
def alices(open_browser, alice):
    """Alice's browser."""
    return open_browser(alice)


@pytest.fixture
def armed(alices, clock, later):
    """Alice's device and recovery codes, a minute after she set it up in her browser."""
    device, page = set_up(alices, clock)
    later(minutes=1)
    return device, codes_on(page)


def set_up(browser, clock):
    """Go through the set-up; the device, and the page with the recovery codes."""
    page = browser.submit("/profile", f"{PAGE}/begin")
    assert page.path == PAGE
    device = Device(key_on(page))
    return device, browser.submit(PAGE, code=device.code(clock.now()))


def key_on(page):
    return page.tree.get_element_by_id("key").text.replace(" ", "")


def codes_on(page):
    return page.tree.get_element_by_id("codes").text.split()


def half_in(browser, someone, path="/sign-in"):
    """Give the password; the page that asks for the code."""
    page = browser.submit(path, email=someone.email, password=PASSWORD)
    assert page.title == "Enter your code"
    return page


def test_it_is_set_up_with_a_picture_and_a_code(alices, alice, clock):
    assert "takes a code from your phone" in alices.get("/profile").main
    assert "authenticator" in alices.get(PAGE).main
    _, page = set_up(alices, clock)
    codes = codes_on(page)
    assert (page.title, len(codes)) == ("Recovery codes", 10)
    assert "10 recovery codes are left" in alices.get("/profile").main
    assert alices.get(PAGE).path == "/profile"
    assert two_factor_state(alice.id).on_since == clock.now()


def test_the_picture_and_the_address_tell_the_same_as_the_text(alices):
    page = alices.submit("/profile", f"{PAGE}/begin")
    (address,) = [link for link in page.links() if link.startswith("otpauth:")]
    key = key_on(page)
    assert f"secret={key}" in address
    (picture,) = page.tree.xpath("//main//*[@role='img']/svg")
    assert picture.xpath(".//path")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_wrong_code_switches_nothing_on(alices, alice, clock):
    alices.submit("/profile", f"{PAGE}/begin")
    page = alices.submit(PAGE, code="000000")
    assert (page.status, len(page.errors())) == (422, 1)
    assert alices.submit(PAGE, code="").errors() == ["Write the code."]
    assert two_factor_state(alice.id).on_since is None


def test_recovery_codes_are_shown_once_and_can_be_downloaded(alices, clock):
    _, page = set_up(alices, clock)
    codes = codes_on(page)
    (download,) = [link for link in page.links() if link.startswith("data:")]
    text = unquote(download)
    assert text.startswith("data:text/plain")
    assert all(f"\r\n{code}\r\n" in text for code in codes)
    assert "alice@acme.test" in text
    page = alices.get(CODES)
    assert not any(code in page.source for code in codes)
    assert "10 codes are left" in page.main


def test_the_browser_keeps_no_readable_code(alices, clock):
    page = alices.submit("/profile", f"{PAGE}/begin")
    device = Device(key_on(page))
    values = {"code": device.code(clock.now()), "csrf_token": alices.token()}
    alices.ask(PAGE, "POST", data=values)
    sent = alices.client.get_cookie("coffer").value
    serializer = alices.client.application.session_interface.get_signing_serializer(
        alices.client.application
    )
    kept = serializer.loads(sent)["recovery_codes"]
    codes = codes_on(alices.get(CODES))
    assert len(codes) == 10
    assert not any(code in kept for code in codes)


def test_new_recovery_codes_are_made(alices, armed):
    page = alices.submit(CODES)
    assert page.title == "Recovery codes"
    assert not set(codes_on(page)) & set(armed[1])


def test_other_browsers_are_signed_out(alices, open_browser, alice, clock):
    elsewhere = open_browser(alice)
    set_up(alices, clock)
    assert elsewhere.get("/profile").title == "Sign in"
    assert alices.get("/profile").title == "Profile"


def test_signs_in_in_two_steps_and_goes_where_it_was_wanted(open_browser, armed, alice, clock):
    browser = open_browser()
    asked = browser.get("/accounts/alice-arden/history")
    page = half_in(browser, alice, asked.path)
    field = page.tree.get_element_by_id("code")
    assert (field.get("autocomplete"), field.get("inputmode")) == ("one-time-code", "numeric")
    code = armed[0].code(clock.now())
    page = browser.submit(page.path, code=f" {code[:3]} {code[3:]} ")
    assert page.path == "/accounts/alice-arden/history"


def test_half_signed_in_opens_nothing_else(open_browser, armed, alice):
    browser = open_browser()
    half_in(browser, alice)
    for path in ("/", "/profile", PAGE, CODES, OFF, "/confirm", "/accounts/alice-arden"):
        answer = browser.ask(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/sign-in?next="), path


def test_a_foreign_next_leads_home_after_the_code_too(open_browser, armed, alice, clock):
    browser = open_browser()
    page = half_in(browser, alice, "/sign-in?next=https://evil.test/")
    assert browser.submit(page.path, code=armed[0].code(clock.now())).path == "/"


def test_a_code_is_no_use_in_a_second_browser(open_browser, armed, alice, clock):
    first, second = open_browser(), open_browser()
    code = armed[0].code(clock.now())
    paths = [half_in(browser, alice).path for browser in (first, second)]
    assert first.submit(paths[0], code=code).path == "/"
    page = second.submit(paths[1], code=code)
    assert page.status == 422
    assert "used before" in page.errors()[0]


def test_a_recovery_code_signs_in_when_the_device_is_gone(open_browser, armed, alice, link):
    browser = open_browser()
    page = half_in(browser, alice, "/sign-in?next=/profile")
    (other,) = [each for each in page.links() if "recovery" in each]
    page = browser.get(other)
    assert page.title == "Use a recovery code"
    assert page.tree.get_element_by_id("code").get("inputmode") is None
    assert browser.submit(other, code="k7wq-m3xd-9fhz-t2ra").status == 422
    page = browser.submit(other, code=armed[1][0].upper())
    assert page.path == "/profile"
    assert "9 recovery codes are left" in page.main


def test_who_waited_too_long_begins_again(open_browser, armed, alice, later):
    browser = open_browser()
    page = half_in(browser, alice, "/sign-in?next=/profile")
    later(minutes=10)
    page = browser.get(page.path)
    assert (page.title, page.path) == ("Sign in", "/sign-in?next=/profile")
    assert "took too long" in page.main


def test_guesses_are_told_to_wait(open_browser, armed, alice, clock):
    browser = open_browser()
    page = half_in(browser, alice)
    for _ in range(4):
        assert browser.submit(page.path, code=armed[0].wrong(clock.now())).status == 422
    refused = browser.submit(page.path, code=armed[0].wrong(clock.now()))
    assert "Wait a minute" in refused.errors()[0]


@pytest.mark.parametrize("settings", [{"sign_in_rate_limit": "6/minute"}])
def test_codes_are_limited_per_address_too(open_browser, alice, clock, settings, later):
    alices = open_browser(alice)
    set_up(alices, clock)
    browser = open_browser()
    later(minutes=1)
    page = half_in(browser, alice)
    statuses = [browser.submit(page.path, code="nothing").status for _ in range(7)]
    assert statuses == [422] * 6 + [429]


def test_it_is_switched_off_by_password_and_code(alices, armed, clock, later):
    page = alices.submit(OFF, password="not it", code=armed[0].code(clock.now()))
    assert page.errors() == ["This is not your password."]
    page = alices.submit(OFF, password=PASSWORD, code=armed[0].code(clock.now()))
    assert "Two-factor sign-in is off." in page.main
    assert alices.get(OFF).path == "/profile"
    assert alices.get(CODES).path == "/profile"


def test_after_a_while_the_set_up_asks_who_it_is(alices, later):
    later(minutes=20)
    page = alices.submit("/profile", f"{PAGE}/begin")
    assert (page.title, page.path) == ("Is it you?", f"/confirm?next={PAGE}")
    assert alices.submit(page.path, password="wrong").errors() == ["This is not your password."]
    page = alices.submit(page.path, password=PASSWORD)
    assert page.path == PAGE
    assert "Begin" in page.main


def test_who_has_a_device_proves_it_again_with_a_code(alices, armed, clock, later):
    later(minutes=20)
    page = alices.submit(CODES)
    assert page.title == "Is it you?"
    assert len(alices.submit(page.path, password=PASSWORD).errors()) == 1
    page = alices.submit(page.path, password=PASSWORD, code=armed[0].code(clock.now()))
    assert (page.title, page.path) == ("Recovery codes", CODES)


def test_a_foreign_next_is_not_followed_after_the_proof(alices):
    assert alices.submit("/confirm?next=//evil.test/", password=PASSWORD).path == "/"


def test_who_has_no_password_is_told_how_to_get_one(open_browser, alice, clock):
    """Somebody else's identity provider signed them in."""
    with transaction():
        alice.password_hash = None
        token = start_session(alice.id, "Firefox", "192.0.2.7", clock.now())
    browser = open_browser()
    with browser.client.session_transaction() as session:
        session["_user_id"] = token
    page = browser.get(PAGE)
    assert page.title == "Is it you?"
    assert "/forgotten-password" in page.links()
    db.session.rollback()
