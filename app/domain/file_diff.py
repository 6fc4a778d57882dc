"""What is different between two versions of an app's files, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.domain.app_file import text_in

CAME, WENT, SAME, CUT = "+", "\u2212", " ", "\u2026"
MOST_LINES = 2000
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line: its `sign`, and its number before and after, where it has one."""

    sign: str
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file that is different: `lines` is None for what can't be compared line by line."""

    path: str
    kind: str
    lines: list[DiffLine] | None
    before_size: int
    after_size: int

    @property
    def added(self) -> int:
        """How many lines came."""
        return sum(line.sign == CAME for line in self.lines or ())

    @property
    def removed(self) -> int:
        """How many lines went."""
        return sum(line.sign == WENT for line in self.lines or ())


def file_diff(path: str, before: bytes | None, after: bytes | None) -> FileDiff:
    """Compare one file in two versions; None is where it is not there."""
    kind = "added" if before is None else "deleted" if after is None else "changed"
    sizes = (len(before or b""), len(after or b""))
    one, other = text_in(before or b""), text_in(after or b"")
    if one is None or other is None:
        return FileDiff(path, kind, None, *sizes)
    old, new = one.splitlines(), other.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return FileDiff(path, kind, None, *sizes)
    return FileDiff(path, kind, list(_compared(old, new)), *sizes)


def _compared(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    groups = SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield DiffLine(CUT, None, None, "")
        for tag, from_old, to_old, from_new, to_new in group:
            if tag == "equal":
                for step in range(to_old - from_old):
                    at, to = from_old + step, from_new + step
                    yield DiffLine(SAME, at + 1, to + 1, old[at])
                continue
            for at in range(from_old, to_old):
                yield DiffLine(WENT, at + 1, None, old[at])
            for at in range(from_new, to_new):
                yield DiffLine(CAME, None, at + 1, new[at])
