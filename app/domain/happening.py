"""Happenings: what happened to an account, as the rules say it. Who is told is not their concern.

A line of the history tells of a deduction or a top-up by itself, and a hold tells that it timed
out; what else is worth telling has a value here. Each is dated at the instant where it happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from app.domain.hold import Hold
from app.domain.limit import LimitMet
from app.domain.period import Period
from app.domain.role import Role
from app.domain.transaction import Transaction


class Shortage(IntEnum):
    """How short of credits a pool is: under a fifth of its allocation, low, or empty."""

    ENOUGH = 0
    SCARCE = 1
    LOW = 2
    EXHAUSTED = 3


@dataclass(frozen=True, slots=True)
class FellShort:
    """A pool fell short as it did not before in this period. `available` are credits."""

    at: datetime
    shortage: Shortage
    available: int


class PeriodClosed(NamedTuple):
    """A period of a plan ended. `allocated` and `expired` are the credits that moved then."""

    at: datetime
    plan: str
    period: Period
    allocated: int
    expired: int


@dataclass(frozen=True, slots=True)
class SubscriptionMoved:
    """A subscription began, or has another plan, state or provider than before."""

    at: datetime
    plan: str
    state: str
    provider: str


@dataclass(frozen=True, slots=True)
class MemberCame:
    """A person became a member."""

    at: datetime
    person: int
    role: Role


@dataclass(frozen=True, slots=True)
class MemberWent:
    """A person is no member any more; `removed_by` is who did that, if it was somebody else."""

    at: datetime
    person: int
    removed_by: int | None


Happening = (
    Transaction
    | Hold
    | FellShort
    | LimitMet
    | PeriodClosed
    | SubscriptionMoved
    | MemberCame
    | MemberWent
)
