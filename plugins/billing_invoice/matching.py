"""Which lines of a statement pay which receivable: exactly, or not at all, and then why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from plugins.billing_invoice.receivable import Receivable
from plugins.billing_invoice.reference import is_right, references_in, spaced
from plugins.billing_invoice.statement import Line

Find = Callable[[str], Receivable | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is made of one line: it pays a receivable, or `why` it does not.

    `is_ours` tells lines worth a look from those that are about something else.
    """

    line: Line
    receivable: Receivable | None = None
    why: str = ""
    is_ours: bool = True

    @property
    def matches(self) -> bool:
        """Tell whether the line pays its receivable."""
        return not self.why


def judge(lines: Sequence[Line], known: Collection[str], find: Find) -> list[Verdict]:
    """Judge each line. `known` are the ids of lines that were taken over before."""
    taken: set[str] = set()
    verdicts = []
    for line in lines:
        verdict = _known(line, known) or _judged(line, find, taken)
        if verdict.matches and verdict.receivable is not None:
            taken.add(verdict.receivable.reference)
        verdicts.append(verdict)
    return verdicts


def _known(line: Line, known: Collection[str]) -> Verdict | None:
    return Verdict(line, why="Taken over before.") if line.id in known else None


def _judged(line: Line, find: Find, taken: Collection[str]) -> Verdict:
    if line.money is None or line.booked_on is None:
        is_ours = bool(references_in(line.text))
        return Verdict(line, why=f"It can't be read: {line.problem}", is_ours=is_ours)
    if line.money.amount <= 0:
        return Verdict(line, why="Money that went out.", is_ours=False)
    references = references_in(line.text)
    if not references:
        return Verdict(line, why="It has no payment reference.", is_ours=False)
    return _named(line, references, find, taken)


def _named(line: Line, references: Sequence[str], find: Find, taken: Collection[str]) -> Verdict:
    right = [reference for reference in references if is_right(reference)]
    if not right:
        return Verdict(line, why=f"{spaced(references[0])} has wrong check digits.")
    if len(right) > 1:
        return Verdict(line, why="It names several references: note it by hand.")
    found = find(right[0])
    if found is None:
        return Verdict(line, why=f"No invoice has the reference {spaced(right[0])}.")
    return Verdict(line, found, _differs(line, found, taken))


def _differs(line: Line, found: Receivable, taken: Collection[str]) -> str:
    """Say why a line does not pay the receivable that it names; nothing when it does."""
    money = line.money
    assert money is not None
    if found.reference in taken:
        return "Another line of this statement pays it. Did the money come twice?"
    if found.state != "open":
        return f"Its invoice is {found.state} already. If money came again, note it by hand."
    if money.currency != found.money.currency:
        return f"{money} came; the invoice is in {found.money.currency}."
    if money.amount != found.missing.amount:
        return f"{money} came; {found.missing} are missing. Note it by hand."
    return ""
