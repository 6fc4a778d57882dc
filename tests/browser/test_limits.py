"""Limits and notifications in a real browser: by keyboard, on a phone, and with scripts or not."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.people import ALICE, BOB
from tests.browser.eyes import PHONE

pytestmark = pytest.mark.browser


def test_the_bell_by_keyboard(visit_story):
    """One tabs to it, hears how many are unread, and reads them all."""
    page = visit_story(ALICE).open("/")
    bell = page.get_by_role("link", name=re.compile(r"^Notifications, \d+ unread$"))
    for _ in range(10):
        page.keyboard.press("Tab")
        if bell.evaluate("it => it === document.activeElement"):
            break
    expect(bell).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(page.get_by_role("link", name="Notifications, 0 unread")).to_be_visible()


def test_a_limit_on_a_phone(visit_story):
    """Set, seen with how far it is used, and removed."""
    visitor = visit_story(ALICE, viewport={"width": PHONE[0], "height": PHONE[1]})
    page = visitor.open("/accounts/acme/limits")
    page.get_by_label("Whom it is about").select_option("account")
    page.get_by_label("Credits", exact=True).fill("7777")
    page.get_by_label("Tell the owner and the admins").check()
    page.get_by_role("button", name="Set the limit").click()
    row = page.get_by_role("row", name=re.compile("7,777 credits a day"))
    expect(row).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row.get_by_role("link", name=re.compile("^Remove")).click()
    page.get_by_role("button", name="Remove the limit").click()
    expect(page.get_by_text("7,777")).to_have_count(0)


def test_what_to_do_when_the_pool_is_low_without_scripts(visit_story):
    """The banner leads to what to do."""
    page = visit_story(BOB, java_script_enabled=False).open("/accounts/night-shift/usage")
    page.get_by_role("link", name="What to do").click()
    expect(page.get_by_role("link", name="Buy credits")).to_be_visible()
