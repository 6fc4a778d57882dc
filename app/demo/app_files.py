"""DEMO, files of apps: small ones, as a team would write them, in several versions."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.demo.people import ALICE, BOB, CAROL, DANA, Cast
from app.domain.app_file import Origin
from app.domain.reference import numbers_of
from app.services.apps.save_version import save_version
from app.services.workspaces.access import access_to
from app.store.people import person_by_email

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <link rel="stylesheet" href="css/site.css">
</head>
<body>
  <h1>{title}</h1>
{body}
</body>
</html>
"""
CSS = """body {
  font-family: system-ui, sans-serif;
  margin: 2rem auto;
  max-width: 40rem;
}
"""
SHELF = """  <ul>
    <li>Oak chair, 120 EUR</li>
    <li>Ash table, 480 EUR</li>
  </ul>"""
SCRIPT = """const counter = document.querySelector("#counter");
let chairs = 0;
document.querySelector("button").addEventListener("click", () => {
  chairs += 1;
  counter.textContent = `${chairs} in the basket`;
});
"""
BASKET = (
    SHELF
    + """
  <p><button type="button">Add a chair</button> <span id="counter">Nothing yet</span></p>
  <script src="js/basket.js"></script>"""
)
ANSWERS = """# What customers ask first

- Where is my order? Look under *Orders*.
- Can I send it back? Yes, within 30 days.
"""


def _page(title: str, body: str) -> bytes:
    return PAGE.format(title=title, body=body).encode()


# For each app of Acme by its place: who saved, after how many days, why, and what.
SAVES: tuple[tuple[tuple[str, int, str, dict[str, bytes | None]], ...], ...] = (
    (
        (
            BOB,
            1,
            "The first page",
            {
                "index.html": _page("Storefront", "  <p>We open soon.</p>"),
                "css/site.css": CSS.encode(),
            },
        ),
        (DANA, 6, "Show what we sell", {"index.html": _page("Storefront", SHELF)}),
        (
            BOB,
            20,
            "A basket that counts",
            {"index.html": _page("Storefront", BASKET), "js/basket.js": SCRIPT.encode()},
        ),
        (
            CAROL,
            61,
            "More air between the lines",
            {"css/site.css": CSS.replace("}", "  line-height: 1.6;\n}").encode()},
        ),
    ),
    (
        (ALICE, 2, "Collect what customers ask", {"answers.md": ANSWERS.encode()}),
        (
            DANA,
            9,
            "A page to try it",
            {
                "index.html": _page("Support agent", "  <p>Ask me.</p>"),
                "css/site.css": CSS.encode(),
            },
        ),
    ),
)


def write_files(cast: Cast, began: datetime) -> None:
    """Let Acme's people write the files of two of its apps."""
    for app, saves in zip(cast.apps["acme"], SAVES, strict=False):
        (app_id,) = numbers_of("app", app, 1)
        for email, days, why, changes in saves:
            person = person_by_email(email)
            assert person is not None
            _, access = access_to(person.id, "acme")
            at = began + timedelta(days=days, hours=4)
            save_version(access, app_id, changes, why, at, origin=Origin.EDIT)
