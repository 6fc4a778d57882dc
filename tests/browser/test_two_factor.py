"""Two-factor sign-in in a browser: a real device's codes, on a phone, with and without scripts."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from app.services.people.sign_up import create_person
from tests.browser.eyes import look_everywhere
from tests.browser.installation import served

pytestmark = pytest.mark.browser

ALICE, PASSWORD = "alice@acme.test", "correct horse battery"
PHONE = {"width": 360, "height": 740}


def people(app):
    """Alice, who has no second factor yet."""
    now = app.extensions["coffer"].clock.now()
    create_person(ALICE, "Alice Arden", PASSWORD, now, verified=True)


@pytest.fixture
def installation(sqlite_template, tmp_path):
    """An installation with Alice in it."""
    with served(sqlite_template, tmp_path, people) as installed:
        yield installed


class Device:
    """An authenticator app. Each code counts once, so the second is that of the next half minute.

    There is no third without waiting; both also count when the half minute ends meanwhile.
    """

    def __init__(self, secret):
        self.totp = pyotp.TOTP(secret)
        self.steps = -1

    def code(self):
        """The next code that counts."""
        self.steps += 1
        assert self.steps <= 1
        return self.totp.at(datetime.now(UTC) + timedelta(seconds=30 * self.steps))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_first_code_to_the_reset_by_the_operator(installation, visit, scripts):
    """Set it up, sign in with it and with a recovery code, lose both; axe finds nothing."""
    alice = visit(installation, java_script_enabled=scripts, viewport=PHONE)
    eyes = look_everywhere if scripts else lambda page: []
    alice.sign_in(ALICE, PASSWORD)
    device, codes, wrong = set_up(alice, eyes)
    wrong += sign_in(alice, device, eyes)
    wrong += sign_in_without_the_device(alice, codes, eyes)
    wrong += look_at_the_other_pages(alice, eyes)
    assert not wrong, "\n".join(wrong)
    be_helped_by_the_operator(alice, installation)


def set_up(alice, eyes):
    wrong = eyes(alice.open("/profile"))
    alice.press("Set it up two-factor sign-in")
    alice.headed("Set up two-factor sign-in")
    expect(alice.page.get_by_role("img", name="QR code")).to_be_in_viewport(ratio=1)
    wrong += eyes(alice.page)
    secret = alice.page.get_by_label("Key for the app").input_value().replace(" ", "")
    device = Device(secret)
    alice.may_be_refused("/profile/two-factor")
    alice.fill(Code="no code")
    alice.press("Switch it on")
    expect(alice.page.get_by_label("Code", exact=True)).to_have_accessible_description(
        re.compile("not right")
    )
    wrong += eyes(alice.page)
    alice.fill(Code=device.code())
    alice.press("Switch it on")
    alice.headed("Recovery codes")
    wrong += eyes(alice.page)
    return device, keep(alice), wrong


def keep(alice):
    """Read the codes, and see that the file that is kept has the same."""
    codes = alice.page.get_by_label("Recovery codes").input_value().split()
    with alice.page.expect_download() as kept:
        alice.follow("Download as text")
    assert kept.value.suggested_filename == "coffer-recovery-codes.txt"
    assert Path(kept.value.path()).read_text("utf-8").split()[-10:] == codes
    alice.follow("I have kept them")
    alice.sees("10 recovery codes are left")
    return codes


def begin(alice):
    """Sign out, and give the password."""
    alice.page.locator(".menu-person summary").click()
    alice.page.get_by_role("button", name="Sign out").click()
    alice.headed("Sign in")
    alice.page.get_by_label("E-mail", exact=True).fill(ALICE)
    alice.fill(Password=PASSWORD)
    alice.press("Sign in")
    alice.headed("Enter your code")


def sign_in(alice, device, eyes):
    begin(alice)
    wrong = eyes(alice.page)
    alice.may_be_refused("/sign-in/code")
    alice.press("Sign in")
    expect(alice.page.get_by_text("Write the code.")).to_be_visible()
    wrong += eyes(alice.page)
    code = device.code()
    alice.fill(Code=f"{code[:3]} {code[3:]}")
    alice.press("Sign in")
    expect(alice.page.get_by_role("heading", level=1)).to_contain_text("Hello")
    return wrong


def sign_in_without_the_device(alice, codes, eyes):
    begin(alice)
    alice.follow("Device gone? Use a recovery code")
    alice.headed("Use a recovery code")
    wrong = eyes(alice.page)
    alice.fill(Recovery_code=codes[0])
    alice.press("Sign in")
    expect(alice.page.get_by_role("heading", level=1)).to_contain_text("Hello")
    alice.open("/profile")
    alice.sees("9 recovery codes are left")
    return wrong + eyes(alice.page)


def look_at_the_other_pages(alice, eyes):
    wrong = []
    for path in ("recovery-codes", "off"):
        wrong += eyes(alice.open(f"/profile/two-factor/{path}"))
    wrong += eyes(alice.open("/confirm"))
    return wrong


def be_helped_by_the_operator(alice, installation):
    installation.coffer("user", "reset-two-factor", ALICE)
    assert installation.link_for(ALICE, "operator reset").endswith("/profile#security")
    alice.open("/profile")
    alice.headed("Sign in")
    alice.sign_in(ALICE, PASSWORD)
    alice.open("/profile")
    alice.sees("takes a code from your phone")
