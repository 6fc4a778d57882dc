"""The proof: a pool derived again from nothing but its lines, and compared with its books.

Source: PRODUCT, The pool, 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.domain.grant import Grant
from app.domain.hold import Hold
from app.domain.pool import Pool
from app.domain.transaction import Transaction, TransactionKind

ENTERING = (TransactionKind.ALLOCATION, TransactionKind.TOP_UP, TransactionKind.ADJUSTMENT)

# Who used what on a day: day, member, app (0 where there is none), action.
UsageKey = tuple[date, int, int, str]
# Credits used and number of deductions.
Used = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the books say and the lines don't."""

    what: str
    by_lines: object
    by_books: object

    def __str__(self) -> str:
        """Spell it for a person."""
        return f"{self.what}: {self.by_lines} by the lines, {self.by_books} by the books"


@dataclass(slots=True)
class Derived:
    """What the lines alone say."""

    seq: int = 0
    balance: int = 0
    at: datetime | None = None
    granted_by: dict[int, int] = field(default_factory=dict)
    used_by: dict[int, int] = field(default_factory=dict)
    expired_by: dict[int, int] = field(default_factory=dict)
    usage: dict[UsageKey, Used] = field(default_factory=dict)


def prove(
    pool: Pool,
    grants: Iterable[Grant],
    holds: Iterable[Hold],
    lines: Iterable[Transaction],
    usage: Mapping[UsageKey, Used],
) -> Difference | None:
    """Return the first difference, or None when everything agrees. `holds` are the active ones."""
    derived = Derived()
    for line in lines:
        wrong = _read(derived, line)
        if wrong is not None:
            return wrong
    return _compare(derived, pool, list(grants), list(holds)) or _compare_usage(derived, usage)


def _read(derived: Derived, line: Transaction) -> Difference | None:
    derived.seq += 1
    derived.balance += line.credits
    where = f"line {line.seq}"
    drawn = sum(credits for _, credits in line.draws)
    for wrong in (
        _unequal("numbers without gaps", derived.seq, line.seq),
        _unequal(f"{where}, balance after", derived.balance, line.balance_after),
        _unequal(f"{where}, credits drawn", abs(line.credits), drawn),
        _unequal(f"{where}, in order of time", True, derived.at is None or derived.at <= line.at),
    ):
        if wrong is not None:
            return wrong
    derived.at = line.at
    _book(derived, line)
    return None


def _book(derived: Derived, line: Transaction) -> None:
    sign, book = 1, derived.used_by
    if line.kind in ENTERING and line.credits > 0:
        book = derived.granted_by
    elif line.kind is TransactionKind.EXPIRY or line.kind in ENTERING:  # or taken away
        book = derived.expired_by
    else:
        sign = 1 if line.kind is TransactionKind.DEDUCTION else -1
        _add_usage(derived, line)
    for number, credits in line.draws:
        book[number] = book.get(number, 0) + sign * credits


def _add_usage(derived: Derived, line: Transaction) -> None:
    who = line.attribution
    key = (line.at.date(), who.member or 0, who.app or 0, who.action or "")
    credits, count = derived.usage.get(key, (0, 0))
    is_deduction = line.kind is TransactionKind.DEDUCTION
    derived.usage[key] = (credits - line.credits, count + is_deduction)


def _compare(
    derived: Derived, pool: Pool, grants: list[Grant], holds: list[Hold]
) -> Difference | None:
    held_by: dict[int, int] = {}
    checks = []
    for hold in holds:
        drawn = sum(credits for _, credits in hold.draws)
        checks.append(_unequal(f"hold {hold.number}, credits", drawn, hold.credits))
        for number, credits in hold.draws:
            held_by[number] = held_by.get(number, 0) + credits
    is_open = [grant.number for grant in grants if grant.is_open()]
    late = derived.at is not None and derived.at > pool.at
    checks += [
        _unequal("last number", derived.seq, pool.seq),
        _unequal("balance", derived.balance, pool.balance),
        _unequal("held", sum(held_by.values()), pool.held),
        _unequal("time of the last change", derived.at if late else pool.at, pool.at),
        _unequal("number of grants", len(derived.granted_by), len(grants)),
        _unequal("last grant's number", len(derived.granted_by), pool.grant_count),
        _unequal("open grants", is_open, [grant.number for grant in pool.grants]),
    ]
    for grant in grants:
        where = f"grant {grant.number}"
        granted = derived.granted_by.get(grant.number, 0)
        used = derived.used_by.get(grant.number, 0)
        expired = derived.expired_by.get(grant.number, 0)
        held = held_by.get(grant.number, 0)
        checks += [
            _unequal(f"{where}, granted", granted, grant.granted),
            _unequal(f"{where}, used", used, grant.used),
            _unequal(f"{where}, expired", expired, grant.expired),
            _unequal(f"{where}, held", held, grant.held),
            _unequal(f"{where}, remaining", granted - used - expired - held, grant.remaining),
        ]
    return next((check for check in checks if check is not None), None)


def _compare_usage(derived: Derived, usage: Mapping[UsageKey, Used]) -> Difference | None:
    if derived.usage == usage:
        return None
    for key in sorted(derived.usage.keys() | usage.keys()):
        day, member, app, action = key
        what = f"usage on {day} by member {member}, app {app}, {action} (credits, deductions)"
        wrong = _unequal(what, derived.usage.get(key, (0, 0)), usage.get(key, (0, 0)))
        if wrong is not None:
            return wrong
    return None


def _unequal(what: str, by_lines: object, by_books: object) -> Difference | None:
    return None if by_lines == by_books else Difference(what, by_lines, by_books)
