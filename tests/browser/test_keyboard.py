"""Without a mouse: everything is reached in the order of the page, and one sees where one is."""

import pytest
from playwright.sync_api import expect

from app.demo.people import ALICE, BOB
from tests.browser.eyes import DESK, PHONE

pytestmark = pytest.mark.browser

PAGES = ["/", "/profile", *(f"/accounts/acme{path}" for path in ("", "/usage", "/members",
         "/invite", "/apps/app_1", "/settings", "/danger", "/delete"))]  # fmt: skip
MANY = 200
# Where the focus is: its place in the document, its words, whether it is seen and stands out.
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const all = [...document.querySelectorAll("*")], box = at.getBoundingClientRect();
  const rings = [at, ...(at.closest(".cards > li") ? [at.closest(".cards > li")] : [])];
  const ring = rings.some(it => {
    const style = getComputedStyle(it);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight
    && box.right > 0 && box.left < innerWidth;
  return {place: all.indexOf(at), html: at.outerHTML.slice(0, 90), ring, seen,
    part: at.type === "date"};
}"""
REACHABLE = """() => [...document.querySelectorAll(
    "a[href]:not([tabindex='-1']), button, input:not([type=hidden]), select, textarea, summary," +
    "[tabindex='0']")]
  .filter(it => it.checkVisibility({visibilityProperty: true}) && !it.disabled).length"""


def walk(page):
    """Press Tab until the page ends; each stop on the way."""
    stops = []
    for _ in range(MANY):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or (stops and stop["place"] == stops[0]["place"]):
            return stops
        # A date is one field with a stop for day, month and year.
        if not (stops and stops[-1]["place"] == stop["place"] and stop["part"]):
            stops.append(stop)
    raise AssertionError("the page does not let go of the focus")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_tab_reaches_everything_in_order_and_one_sees_where(visit_story, size):
    """From the first stop to the last: in the order of the page, in view, with a ring."""
    visitor = visit_story(ALICE, viewport={"width": size[0], "height": size[1]})
    for path in PAGES:
        page = visitor.open(path)
        stops = walk(page)
        places = [stop["place"] for stop in stops]
        assert places == sorted(set(places)), path
        assert len(stops) == page.evaluate(REACHABLE), path
        assert [stop for stop in stops if not (stop["ring"] and stop["seen"])] == [], path


def test_the_first_stop_leads_to_the_content(visit_story):
    """Past the bar and the tabs."""
    page = visit_story(ALICE).open("/accounts/acme/members")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Invite")).to_be_focused()


def test_the_switcher_by_keyboard(visit_story):
    """Open it, close it with Escape, open it again, and go to another account."""
    page = visit_story(BOB).open("/accounts/acme")
    summary = page.locator(".menu-accounts summary")
    sheet = page.get_by_role("navigation", name="Switch account")
    while not summary.evaluate("it => it === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Space")
    expect(sheet).to_be_visible()
    other = sheet.get_by_role("link", name="Night Shift")
    while not other.evaluate("it => it === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Night Shift")


def test_two_windows_stand_in_two_accounts(visit_story):
    """The address of a page says the account, so one window does not move the other."""
    visitor = visit_story(BOB)
    here = visitor.open("/accounts/acme")
    there = visitor.context.new_page()
    there.goto(f"{visitor.url}/accounts/bob")
    for page in (here, there):
        page.reload()
    expect(here.locator(".menu-accounts summary")).to_contain_text("Acme")
    expect(there.locator(".menu-accounts summary")).to_contain_text("Bob Bauer")
