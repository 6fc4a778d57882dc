"""The package that `coffer plugins new` writes: a billing provider that works, to begin with.

The files beside this module are that package under the name `my_billing`; only names change.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

FILES = Path(__file__).parent / "files"
SUFFIX = ".txt"
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
LONGEST_NAME = 40
PLACES = {
    "gitignore.txt": ".gitignore",
    "workflows/test.yml.txt": ".github/workflows/test.yml",
}


def write_package(name: str, folder: Path) -> Path:
    """Write the package into a new folder; raises `click.ClickException` in plain words."""
    if not NAME.fullmatch(name) or not 1 < len(name) <= LONGEST_NAME:
        raise click.ClickException("A name is small letters and digits, with - between: my-billing")
    target = folder / name.replace("_", "-")
    if target.exists():
        raise click.ClickException(f"{target} is there already; nothing was written.")
    for path in sorted(FILES.rglob(f"*{SUFFIX}")):
        place = str(path.relative_to(FILES))
        written = target / _named(PLACES.get(place, place.removesuffix(SUFFIX)), name)
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(_named(path.read_text("utf-8"), name), "utf-8")
    return target


def _named(text: str, name: str) -> str:
    """Spell the package's name as each place wants it."""
    words = re.split("[-_]", name)
    spelled = {
        "my-billing": "-".join(words),
        "my_billing": "_".join(words),
        "My-Billing": "-".join(word.capitalize() for word in words),
        "MyBilling": "".join(word.capitalize() for word in words),
        "My billing": " ".join(words).capitalize(),
    }
    return re.sub("|".join(spelled), lambda found: spelled[found.group()], text)
