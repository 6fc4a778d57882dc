"""The pictures of the manual: taken of the demonstration's story when they are asked for.

`make pictures` takes them anew. Otherwise they stay as they are, so that another version of the
browser changes no file; what they show is opened, and must still be there.
"""

import os
import struct
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo.people import ALICE
from tests.browser.eyes import DESK, PHONE

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[2] / "docs"
RENEW = os.environ.get("COFFER_RENEW_PICTURES") == "1"
LARGEST = 200_000
PICTURES = {
    "overview.png": ("/accounts/acme", "Acme", DESK),
    "history.png": ("/accounts/acme/history", "History", DESK),
    "usage.png": ("/accounts/acme/usage?by=member", "Usage", DESK),
    "members.png": ("/accounts/acme/members", "Members", DESK),
    "overview-phone.png": ("/accounts/acme", "Acme", PHONE),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_manual_shows_what_there_is(visit_story, name):
    """The page of the picture is there, and the picture has its size and is light."""
    path, heading, (width, height) = PICTURES[name]
    visitor = visit_story(ALICE, viewport={"width": width, "height": height})
    page = visitor.open(path)
    visitor.headed(heading)
    expect(page.locator("table tbody tr").filter(visible=True).first).to_be_visible()
    if RENEW:
        page.screenshot(path=DOCS / name, animations="disabled")
    picture = (DOCS / name).read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (width, height)
    assert len(picture) < LARGEST


def test_the_readme_shows_one_of_them():
    """With words for those who can't see it."""
    text = (DOCS.parent / "README.md").read_text("utf-8")
    assert [name for name in PICTURES if f"](docs/{name})" in text]
    assert "![](" not in text
