"""Transactions: the immutable lines of a pool's history, and to whom each is attributed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.grant import Draw


class TransactionKind(StrEnum):
    """What a line of the history records."""

    ALLOCATION = "allocation"
    TOP_UP = "top_up"
    DEDUCTION = "deduction"
    REFUND = "refund"
    EXPIRY = "expiry"
    ADJUSTMENT = "adjustment"


USED = (TransactionKind.DEDUCTION, TransactionKind.REFUND)  # what usage adds up


# The name in an attribution's metadata that only Coffer writes: of a hold that it ends itself.
OWN_MARK = "coffer"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who did what with which app. Members and apps are ids; None where there is none."""

    member: int | None = None
    app: int | None = None
    action: str | None = None
    quantity: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


NOBODY = Attribution()


@dataclass(slots=True)
class Transaction:
    """One line: `credits` is negative where they left the pool.

    `balance_after` is the sum of all lines up to this one: what the pool holds, set aside or not.
    """

    seq: int
    kind: TransactionKind
    credits: int
    balance_after: int
    at: datetime
    draws: list[Draw]
    attribution: Attribution = NOBODY
    hold: int | None = None
    reverses: int | None = None
    reason: str | None = None
