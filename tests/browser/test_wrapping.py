"""Where lines break, and what must stay where it is."""

import pytest

from app.demo.people import ALICE

pytestmark = pytest.mark.browser

# How many lines each half of an address takes: what stands before the break that it may have,
# and what stands behind it.
LINES = """() => [...document.querySelectorAll("td.breaks, th.breaks")].flatMap(cell =>
  [...cell.childNodes].filter(it => it.nodeType === Node.TEXT_NODE).map(text => {
    const range = document.createRange();
    range.selectNodeContents(text);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
  }))"""
PLACES = """() => [...document.querySelectorAll(".tabs li")].map(it =>
  Math.round(it.getBoundingClientRect().width))"""
MIDDLE = "it => { const box = it.getBoundingClientRect(); return (box.top + box.bottom) / 2; }"


@pytest.mark.parametrize("width", [770, 800, 900, 1440])
def test_an_address_breaks_after_its_at_sign_only(visit_story, width):
    page = visit_story(ALICE, viewport={"width": width, "height": 700}).open(
        "/accounts/acme/members"
    )
    lines = page.evaluate(LINES)
    assert len(lines) >= 8
    assert set(lines) == {1}


def test_the_tabs_are_as_wide_on_every_page(visit_story):
    visitor = visit_story(ALICE)
    widths = [
        visitor.open(f"/accounts/acme{path}").evaluate(PLACES) for path in ("", "/usage", "/apps")
    ]
    assert widths[0] == widths[1] == widths[2]


def test_this_browser_is_marked_beside_its_name_on_a_phone(visit_story):
    page = visit_story(ALICE, viewport={"width": 360, "height": 740}).open("/profile")
    cell = page.locator("table[aria-labelledby=sessions] th > span:has(.tag)")
    tag, name = cell.locator(".tag"), cell
    assert abs(tag.evaluate(MIDDLE) - name.evaluate(MIDDLE)) < 4
