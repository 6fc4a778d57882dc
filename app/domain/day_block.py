"""Blocks of days: 1, 2, 4, … 128 days in a row, so that few of them make up any range.

A block is one number, the ordinal of its first day times 16 plus its level; a block of level n
has 2 to the n days and begins on a day whose ordinal that divides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

LEVELS = 8
SHIFT = 4


def block_of(day: date) -> int:
    """The block that is one day."""
    return day.toordinal() << SHIFT


def day_of(block: int) -> date:
    """The first day of a block."""
    return date.fromordinal(block >> SHIFT)


def cover(first: date, last: date) -> list[int]:
    """The fewest blocks that are these days, each day once, in order; none when none is left."""
    found, at, end = [], first.toordinal(), last.toordinal() + 1
    while at < end:
        level = LEVELS - 1
        while at % (1 << level) or at + (1 << level) > end:
            level -= 1
        found.append(at << SHIFT | level)
        at += 1 << level
    return found


def completed(after: date, last: date) -> Iterator[tuple[int, tuple[int, int]]]:
    """The larger blocks that end after day `after` and by day `last`, each with its two halves.

    Smaller ones come first, so that each can be added up from those that are there.
    """
    for level in range(1, LEVELS):
        length = 1 << level
        end = after.toordinal() // length * length + length
        while end <= last.toordinal() + 1:
            if end - 1 > after.toordinal():
                first, half = end - length, length >> 1
                lower = first << SHIFT | level - 1, first + half << SHIFT | level - 1
                yield first << SHIFT | level, lower
            end += length
