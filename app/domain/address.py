"""Lists of e-mail addresses as people paste them: from a text, a spreadsheet, a mail program."""

from __future__ import annotations

import re

HEADINGS = frozenset({"email", "e-mail", "e-mail address", "email address", "mail", "address"})


def addresses_in(text: str) -> list[str]:
    """Find what is meant as addresses, in order. Whether each one is valid is asked later.

    In a line of a table, cells without an @ are names and are left out. A line without any @
    is kept as it is, so that somebody is told about it.
    """
    lines = text.splitlines()
    if lines and is_heading(lines[0]):
        lines = lines[1:]
    return [address for line in lines for address in addresses_in_line(line)]


def addresses_in_line(line: str) -> list[str]:
    """Find what is meant as addresses in one line, which is no heading."""
    return _addresses_of(_cells(line))


def is_heading(line: str) -> bool:
    """Tell whether a line is the heading of a table with a column of addresses."""
    return bool(HEADINGS & {cell.casefold() for cell in _cells(line)})


def _cells(line: str) -> list[str]:
    cells = (cell.strip().strip("\"'\ufeff").strip() for cell in re.split(r"[,;\t]", line))
    return [cell for cell in cells if cell]


def _addresses_of(row: list[str]) -> list[str]:
    found = [address for cell in row if "@" in cell for address in _addresses_in_cell(cell)]
    return found or ([" ".join(row)] if row else [])


def _addresses_in_cell(cell: str) -> list[str]:
    in_brackets = re.findall(r"<([^<>]*@[^<>]*)>", cell)
    return in_brackets or [word for word in cell.split() if "@" in word]
