"""The usage page in a browser: by keyboard, by mouse and without scripts to the very lines."""

import re

import pytest
from playwright.sync_api import expect

from app.demo.people import ALICE, BOB
from tests.browser.eyes import DESK, PHONE

pytestmark = pytest.mark.browser

USAGE = "/accounts/acme/usage"


def amounts(visitor, labelled, column):
    """The numbers of a column, with real minus signs."""
    cells = [row[column].replace("\u2212", "-").replace(",", "") for row in visitor.rows(labelled)]
    return [int(re.search(r"-?\d+", cell)[0]) for cell in cells]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_row_leads_to_its_lines_by_keyboard(visit_story, size, scripts):
    """Tab to a day, press Enter, read the lines: together they are what the day used."""
    window = {"width": size[0], "height": size[1]}
    visitor = visit_story(ALICE, viewport=window, java_script_enabled=scripts)
    page = visitor.open(f"{USAGE}?by=day")
    used = amounts(visitor, "report", 1)
    link = page.locator("table[aria-labelledby=report] th a").first
    day = " ".join(link.inner_text().split())
    place = [row[0] for row in visitor.rows("report")].index(day)
    link.focus()
    page.keyboard.press("Enter")
    visitor.headed("History")
    visitor.sees(f"{used[place]} credits used in")
    assert -sum(amounts(visitor, "lines", 4)) == used[place]


def test_a_bar_leads_to_its_lines_by_mouse(visit_story):
    """Those who point at a bar get there too; nobody tabs through all bars."""
    visitor = visit_story(BOB, viewport={"width": DESK[0], "height": DESK[1]})
    page = visitor.open(USAGE)
    (most, *_) = visitor.rows("report")
    bars = page.locator("figure.chart-lanes a")
    expect(bars.first).to_have_attribute("tabindex", "-1")
    bars.last.click()
    visitor.headed("History")
    visitor.sees(f"{most[1]} credits used in")
    expect(page.get_by_label("Member's e-mail")).to_have_value(BOB)


def test_the_statement_is_chosen_and_printed(visit_story):
    """Choose a cycle; on paper there is the statement and nothing else."""
    visitor = visit_story(ALICE)
    page = visitor.open("/accounts/acme/statement")
    page.get_by_label("Month or cycle").select_option("cycle-1")
    visitor.press("Show")
    visitor.sees("Opening balance")
    page.emulate_media(media="print")
    expect(page.locator(".tabs")).to_be_hidden()
    expect(page.get_by_label("Month or cycle")).to_be_hidden()
    expect(page.get_by_role("heading", name="Used by member")).to_be_visible()
