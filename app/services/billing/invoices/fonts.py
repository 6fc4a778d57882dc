"""Which fonts an invoice needs, so that any name can be read on it, in whatever script.

Source Sans prints what is written in Latin, Greek or Cyrillic letters. For what it lacks the
Kurinto fonts stand in, only those that the document needs, since they are large.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont

PACKAGE = Path(str(files("weblate_fonts"))) / "static" / "weblate_fonts"
SANS = PACKAGE / "source-sans" / "ttf" / "SourceSans3-Regular.ttf"
SANS_BOLD = PACKAGE / "source-sans" / "ttf" / "SourceSans3-Semibold.ttf"
OTHERS = tuple(
    PACKAGE / "kurinto" / "ttf" / f"KurintoSans{part}-Rg.ttf"
    for part in ("", "SC", "TC", "JP", "KR")
)
UNREADABLE = "\u25a1"

logging.getLogger("fontTools").setLevel(logging.WARNING)


@cache
def letters_of(font: Path) -> frozenset[int]:
    """List the letters that a font can print."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def stand_ins(text: str) -> list[Path]:
    """Choose the fonts for what Source Sans lacks: first the one that prints most of it."""
    missing = set(map(ord, text)) - letters_of(SANS) - {ord("\n")}
    chosen = []
    while missing:
        best = max(OTHERS, key=lambda font: len(missing & letters_of(font)))
        if not missing & letters_of(best):
            break
        chosen.append(best)
        missing -= letters_of(best)
    return chosen


def readable(text: str) -> str:
    """Put a sign in the place of what no font can print, such as an emoji."""
    known = letters_of(SANS).union(*map(letters_of, stand_ins(text))) | {ord("\n")}
    return "".join(letter if ord(letter) in known else UNREADABLE for letter in text)
