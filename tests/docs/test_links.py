"""Every link in our pages leads somewhere."""

import pytest

from tests.docs.guides import ROOT, anchors, links

PAGES = sorted(
    path
    for folder in (".", "docs", "plugins")
    for path in (ROOT / folder).glob("*.md" if folder != "plugins" else "**/*.md")
)


def test_there_are_guides():
    names = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert names >= {"owners-guide.md", "operators-guide.md", "api.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in links(page):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target
