"""What is looked for on every page: accessibility by axe, and nothing wider than the window."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

PHONE, DESK, WALL = (360, 740), (1440, 900), (3840, 2160)
RULES = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"target-size": {"enabled": True}},
}
WIDER_THAN_THE_WINDOW = r"""() => {
  const room = document.documentElement.clientWidth;
  const scrolls = it => it && (/auto|scroll|hidden|clip/.test(getComputedStyle(it).overflowX)
    || scrolls(it.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(it => {
    const box = it.getBoundingClientRect();
    return box.width && box.right > room + 1 && !scrolls(it.parentElement);
  });
  const page = document.documentElement.scrollWidth > room ? ["scrolls sideways"] : [];
  return page.concat(wide.slice(0, 3).map(it => "wider than the window: " + it.outerHTML
    .replace(/\s+/g, " ").slice(0, 120)));
}"""


def look_everywhere(page: Page) -> list[str]:
    """Look at a page on a desk by day, on a phone at night, and on a wall; what is wrong with it.

    Colours depend on the hour alone and the layout on the width alone, so that each of
    these two looks sees something of its own, and no third one would.
    """
    wrong = []
    for name, (width, height), scheme in (
        ("desk by day", DESK, "light"),
        ("phone at night", PHONE, "dark"),
    ):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        wrong += [f"{name}: {each}" for each in violations(page, RULES) + too_wide(page)]
    page.set_viewport_size({"width": WALL[0], "height": WALL[1]})
    wrong += [f"wall: {each}" for each in too_wide(page)]
    return [f"{page.url} {each}" for each in wrong]


def violations(page: Page, rules: dict) -> list[str]:
    """What axe says against the page as it is now, each with the places."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE_SCRIPT} }} }}")
    found = AxeResults(page.evaluate("rules => axe.run(document, rules)", rules))
    return [
        f"{each['id']} at {[(node['target'], node['html'][:160]) for node in each['nodes'][:3]]}"
        for each in found.response["violations"]
    ]


def too_wide(page: Page) -> list[str]:
    """What reaches out of the window, other than in a part that scrolls by itself."""
    return page.evaluate(WIDER_THAN_THE_WINDOW)
