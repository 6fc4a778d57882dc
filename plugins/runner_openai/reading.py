"""Reads files out of what a model writes, while it writes it.

The model is asked for lines that begin with `@@@`: `@@@ FILE path`, the content, `@@@ END`, and
`@@@ DELETE path`. A model that forgets them and uses fenced blocks, as most like to, is understood
at the end, where each block names its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 12_000_000
_MARK = re.compile(r"^\s{0,3}@@@\s*(FILE|END|DELETE)\b[:\s]*(.*?)\s*$", re.IGNORECASE)
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})\s*([^`]*?)\s*$")
_PATH = re.compile(
    r"[\w.@+-]+(?:/[\w.@+ -]+)*\.\w{1,12}|(?:[\w.-]+/)*(?:Dockerfile|Makefile|LICENSE)"
)
_QUOTES = "`'\"*"


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that is complete; no content means that it is to go."""

    path: str
    content: str | None


class TooMuch(Exception):  # noqa: N818 - said as what it is
    """The model writes more than an app may have."""


class Reader:
    """Takes pieces of text, and gives files as soon as they are complete."""

    def __init__(self) -> None:
        self.found = 0
        self.is_open = False
        self._text: list[str] = []
        self._length = 0
        self._line = ""
        self._path = ""
        self._lines: list[str] = []

    def feed(self, piece: str) -> Iterator[FileRead]:
        """Take a piece; gives the files that it completes."""
        self._length += len(piece)
        if self._length > LONGEST:
            raise TooMuch
        self._text.append(piece)
        *lines, self._line = (self._line + piece).split("\n")
        for line in lines:
            yield from self._take(line.removesuffix("\r"))

    def end(self) -> Iterator[FileRead]:
        """Give what is left when the model has ended: the last file, or those in fences."""
        if self._line:
            yield from self._take(self._line)
            self._line = ""
        if self.is_open:
            yield self._close()
        if not self.found:
            for read in in_fences("".join(self._text)):
                self.found += 1
                yield read

    def _take(self, line: str) -> Iterator[FileRead]:
        mark = _MARK.match(line)
        if mark is None:
            if self.is_open:
                self._lines.append(line)
            return
        if self.is_open:
            yield self._close()
        path = mark[2].strip(_QUOTES)
        match mark[1].upper():
            case "FILE" if path:
                self.is_open, self._path, self._lines = True, path, []
            case "DELETE" if path:
                self.found += 1
                yield FileRead(path, None)

    def _close(self) -> FileRead:
        self.is_open = False
        self.found += 1
        return FileRead(self._path, _without_fence(self._lines))


def in_fences(text: str) -> Iterator[FileRead]:
    """Read fenced blocks, each with a path beside its fence or in the line before it.

    A page that stands alone, in a block without a path, is the `index.html`.
    """
    blocks = list(_blocks(text))
    named = [(path, body) for path, _, body in blocks if path]
    if not named and len(blocks) == 1 and blocks[0][1].lower() in ("html", "htm"):
        named = [("index.html", blocks[0][2])]
    for path, body in named:
        yield FileRead(path, _text_of(body))


def _blocks(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Give each complete block: its path or nothing, its language, its lines."""
    fence, info, before, body = "", "", "", list[str]()
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence and mark and mark[1].startswith(fence) and not mark[2]:
            yield _path_in(info) or _path_in(before), info.partition(" ")[0], body
            fence, before = "", ""
        elif fence:
            body.append(line)
        elif mark:
            fence, info, body = mark[1], mark[2], []
        elif line.strip():
            before = line


def _path_in(words: str) -> str:
    """The one path that a line of words names, if it names one."""
    found = _PATH.findall(words)
    return found[0] if len(found) == 1 else ""


def _without_fence(lines: list[str]) -> str:
    """A file's text; a fence around all of it was meant for readers."""
    inner = list(lines)
    while inner and not inner[0].strip():
        inner.pop(0)
    while inner and not inner[-1].strip():
        inner.pop()
    if len(inner) > 1 and _FENCE.match(inner[0]):
        last = _FENCE.match(inner[-1])
        if last is not None and not last[2]:
            return _text_of(inner[1:-1])
    return _text_of(lines)


def _text_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n" if lines else ""
