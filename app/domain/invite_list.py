"""Lists of people to invite: what each line means, and what is wrong with it.

A line is whatever people paste: an address, several of them, or the row of a table. With a heading
that names a column `role`, that column says who joins as what; without one, a cell that is the
name of a role does. Who has none joins as the list says.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.domain.address import addresses_in_line, is_heading
from app.domain.invitation import INVITED, MEMBER
from app.domain.refusals import InvalidRequest
from app.domain.role import Role

MOST_LISTED = 10_000
AT_ONCE = 250
OWN = "This is your own address."
OWNER = "Invite as member or admin; ownership is transferred."
_DELIMITERS = ",;\t"
_ROLE_HEADINGS = frozenset({"role", "roles"})


class LineState(StrEnum):
    """What became of a line."""

    READY = "ready"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One address as it was written, in which line, with what was written as the role."""

    line: int
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a list is compared with: the addresses of who sends, of members, of the invited."""

    own: str
    members: Collection[str]
    invited: Collection[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry that was judged. `problem` says why it can't be invited; None when it can be."""

    line: int
    email: str
    role: Role
    problem: str | None


def entries_in(text: str) -> list[Entry]:
    """Take a list apart; `InvalidRequest` when it is empty or has too many addresses."""
    entries = [entry for row in _rows(text) for entry in row]
    if not entries:
        raise InvalidRequest.of("emails", "Write at least one address.")
    if len(entries) > MOST_LISTED:
        raise InvalidRequest.of("emails", f"List at most {MOST_LISTED:,} addresses at once.")
    return entries


def read_entries(entries: list[Entry], read: Callable[[str], str], default: Role) -> list[Checked]:
    """Read each address by `read`, which raises `InvalidRequest` for what is none."""
    return [_read(entry, read, default) for entry in entries]


def judged(found: list[Checked], known: Known) -> list[Checked]:
    """Compare what was read with itself and with what is known; the first problem is said."""
    first: dict[str, int] = {}
    return [_judged(one, first, known) for one in found]


def _rows(text: str) -> Iterator[list[Entry]]:
    lines = text.splitlines()
    begins = next((at for at, line in enumerate(lines) if line.strip()), 0)
    headed = bool(lines) and is_heading(lines[begins])
    delimiter = max(_DELIMITERS, key=lines[begins].count) if headed else ","
    column = _role_column(_split(lines[begins], delimiter)) if headed else None
    for number, line in enumerate(lines[begins + headed :], begins + headed + 1):
        if line.strip(_DELIMITERS + "\"' "):
            cells = _split(line, delimiter) if headed else []
            role = _cell(cells, column) if headed else _named_role(line)
            yield [Entry(number, each, role) for each in addresses_in_line(line)]


def _split(line: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:  # a cell that is longer than any that means something
        return []
    return [cell.strip(" \ufeff") for cell in row]


def _role_column(cells: list[str]) -> int | None:
    return next((at for at, cell in enumerate(cells) if cell.casefold() in _ROLE_HEADINGS), None)


def _cell(cells: list[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _named_role(line: str) -> str:
    for delimiter in _DELIMITERS:
        for cell in _split(line, delimiter):
            if cell.casefold() in set(Role):
                return cell
    return ""


def _read(entry: Entry, read: Callable[[str], str], default: Role) -> Checked:
    role, problem = _role(entry.role, default)
    try:
        return Checked(entry.line, read(entry.text), role, problem)
    except InvalidRequest as error:
        return Checked(entry.line, entry.text[:254], role, error.detail)


def _role(text: str, default: Role) -> tuple[Role, str | None]:
    if not text:
        return default, None
    if text.casefold() == Role.OWNER:
        return default, OWNER
    if text.casefold() not in set(Role):
        return default, f"There is no role “{text[:40]}”. Write member or admin."
    return Role(text.casefold()), None


def _judged(one: Checked, first: dict[str, int], known: Known) -> Checked:
    problem = one.problem
    if problem is None and one.email in first:
        problem = f"Stands in line {first[one.email]:,} already."
    first.setdefault(one.email, one.line)
    return Checked(one.line, one.email, one.role, problem or _known(one.email, known))


def _known(email: str, known: Known) -> str | None:
    if email == known.own:
        return OWN
    if email in known.members:
        return MEMBER
    return INVITED if email in known.invited else None
