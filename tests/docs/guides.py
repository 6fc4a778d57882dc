"""Reads guides: their fenced blocks, and their links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: in which language, and its text."""

    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    """List the fenced blocks of a page, in their order."""
    return [Block(*found) for found in FENCED.findall(path.read_text("utf-8"))]


def links(path: Path) -> Iterator[str]:
    """Give the targets of a page's links; those in code don't count."""
    yield from LINK.findall(FENCED.sub("", path.read_text("utf-8")))


def anchors(path: Path) -> set[str]:
    """Spell a page's headings as links name them."""
    headings = HEADING.findall(FENCED.sub("", path.read_text("utf-8")))
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}
