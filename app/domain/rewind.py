"""Rewinding: what a pool was at a past instant, from its grants now and the lines since.

Source: PRODUCT, The pool, 10: always provable, also in the past.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.grant import Grant
from app.domain.hold import Hold
from app.domain.transaction import Transaction, TransactionKind


def rewind(
    grants: Iterable[Grant], lines_since: Iterable[Transaction], holds_then: Iterable[Hold]
) -> list[Grant]:
    """Take back what the lines since did to these grants; returns those that were open then.

    `grants` are all that had entered by then, `holds_then` those that were active then. The
    grants are changed in place.
    """
    by_number = {grant.number: grant for grant in grants}
    for grant in by_number.values():
        grant.held = 0
    for line in lines_since:
        _take_back(line, by_number)
    for hold in holds_then:
        for number, credits in hold.draws:
            by_number[number].held += credits
    for grant in by_number.values():
        grant.remaining = grant.granted - grant.held - grant.used - grant.expired
    return [grant for grant in by_number.values() if grant.is_open()]


def _take_back(line: Transaction, grants: dict[int, Grant]) -> None:
    for number, credits in line.draws:
        grant = grants.get(number)
        if grant is None:
            continue
        match line.kind:
            case TransactionKind.DEDUCTION:
                grant.used -= credits
            case TransactionKind.REFUND:
                grant.used += credits
            case TransactionKind.EXPIRY:
                grant.expired -= credits
            case TransactionKind.ADJUSTMENT if line.credits < 0:
                grant.expired -= credits
