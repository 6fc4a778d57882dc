"""The pool: the one credit balance of an account, and the only moves that change it.

Every move writes its line. Commands (`app.domain.command`) decide; the pool keeps the books.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from app.domain.grant import Draw, Grant, Source, draw
from app.domain.happening import Happening, Shortage
from app.domain.hold import Hold
from app.domain.limit import Guard, LimitMet
from app.domain.period import Period
from app.domain.refusals import InsufficientCredits, WorkspaceSuspended
from app.domain.transaction import NOBODY, USED, Attribution, Transaction, TransactionKind

LOW_CREDITS = 10


@dataclass(slots=True)
class Cycle:
    """Which plan renews the pool and which of its periods is open.

    `index` counts from `anchor`; `number` counts all periods of the pool, over all plans.
    `next_plan` takes over at the period's end; `renews` False means that nothing does.
    """

    plan: str
    anchor: datetime
    index: int
    number: int
    period: Period
    next_plan: str | None = None
    renews: bool = True


@dataclass(frozen=True, slots=True)
class OpenedPeriod:
    """The record of one period's opening: what was granted, carried over and trimmed."""

    number: int
    plan: str
    period: Period
    granted: int
    carried: int
    trimmed: int


@dataclass(slots=True)
class Pool:
    """A pool as loaded: its totals, its open grants in order of use, the holds in question.

    `seq`, `grant_count` and `hold_count` are the last numbers given. `at` is the time of the
    last change: the pool's time never runs backwards. `gone` are grants whose time is over and of
    which nothing is left, put away since. `due_later` is when holds that are not loaded may time
    out, at the earliest. `event_count` is the last number given to something that observers are
    told; `shortage` is the worst of the period. `lines`, `opened` and `happened` are what is new.
    `guard` are the limits that its owner set, if the commands spend and there are any.
    """

    id: int
    seq: int
    balance: int
    held: int
    grant_count: int
    hold_count: int
    at: datetime
    cycle: Cycle | None = None
    suspends_at: datetime | None = None
    due_later: datetime | None = None
    grants: list[Grant] = field(default_factory=list)
    gone: list[Grant] = field(default_factory=list)
    holds: dict[int, Hold] = field(default_factory=dict)
    past: dict[int, Transaction] = field(default_factory=dict)
    lines: list[Transaction] = field(default_factory=list)
    opened: list[OpenedPeriod] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    event_count: int = 0
    shortage: Shortage = Shortage.ENOUGH
    guard: Guard | None = None

    def available(self, now: datetime) -> int:
        """What can be spent at `now`."""
        return sum(grant.remaining for grant in self.grants if grant.counts_at(now))

    def require_spendable(self, now: datetime) -> None:
        """Raise `WorkspaceSuspended` once the subscription's grace is over."""
        if self.suspends_at is not None and now >= self.suspends_at:
            raise WorkspaceSuspended(
                "The subscription lapsed, so nobody can spend. Nothing is lost; paying restores it."
            )

    def require_room(self, credits: int, who: Attribution, now: datetime) -> list[LimitMet]:
        """Raise `LimitReached` where the owner set one; tell which alerts this would cross."""
        return self.guard.require_room(credits, who, now) if self.guard is not None else []

    def count_held(self, who: Attribution, credits: int) -> None:
        """Let limits know that so many credits are held for somebody, or no more if negative."""
        if self.guard is not None:
            self.guard.held.add(who.member, who.app, credits)

    def choose(self, credits: int, now: datetime) -> list[Draw]:
        """Choose the grants that pay, or raise `InsufficientCredits`; nothing moves yet."""
        draws = draw((grant for grant in self.grants if grant.counts_at(now)), credits)
        if draws is None:
            renews_at = self.cycle.period.end if self.cycle and self.cycle.renews else None
            raise InsufficientCredits(self.available(now), credits, renews_at)
        return draws

    def grant(self, number: int) -> Grant:
        """Find a grant by number; it was loaded because a command concerns it."""
        both = chain(self.grants, self.gone)
        return next(grant for grant in both if grant.number == number)

    def _changing(self, number: int) -> Grant:
        found = self.grant(number)
        found.changed = True
        return found

    def put_away_what_is_gone(self, now: datetime) -> None:
        """Take grants that can never pay again out of the way of the others."""
        self.gone += [grant for grant in self.grants if grant.is_gone_at(now)]
        self.grants = [grant for grant in self.grants if not grant.is_gone_at(now)]

    def line(self, seq: int) -> Transaction | None:
        """Find a line that was loaded because a command concerns it, or that is new."""
        return self.past.get(seq) or next((new for new in self.lines if new.seq == seq), None)

    def add_grant(
        self,
        source: Source,
        credits: int,
        now: datetime,
        expires_at: datetime | None,
        reason: str | None = None,
    ) -> Transaction:
        """Let credits enter the pool."""
        self.grant_count += 1
        grant = Grant(self.grant_count, source, credits, credits, 0, 0, 0, now, expires_at)
        insort(self.grants, grant, key=Grant.order_of_use)
        draws = [Draw(grant.number, credits)]
        return self.write(TransactionKind(source.value), credits, draws, now, reason=reason)

    def use(self, draws: Iterable[Draw]) -> None:
        """Take credits that were free."""
        for number, credits in draws:
            grant = self._changing(number)
            grant.remaining -= credits
            grant.used += credits

    def set_aside(self, draws: Iterable[Draw]) -> None:
        """Hold credits that were free."""
        for number, credits in draws:
            grant = self._changing(number)
            grant.remaining -= credits
            grant.held += credits
            self.held += credits

    def use_held(self, draws: Iterable[Draw]) -> None:
        """Take credits that were held, whether or not their grant expired meanwhile."""
        for number, credits in draws:
            grant = self._changing(number)
            grant.held -= credits
            grant.used += credits
            self.held -= credits

    def free_held(self, draws: Iterable[Draw], now: datetime) -> None:
        """Let held credits go: back to their grant, or, where that expired, into expiry."""
        for number, credits in draws:
            grant = self._changing(number)
            grant.held -= credits
            grant.remaining += credits
            self.held -= credits
            self.expire_if_past(grant, now)

    def restore(self, draws: Iterable[Draw]) -> None:
        """Give used credits back to the very grants that gave them."""
        for number, credits in draws:
            grant = self._changing(number)
            grant.used -= credits
            grant.remaining += credits

    def expire_if_past(self, grant: Grant, now: datetime) -> None:
        """Write off what is left of a grant whose time is over."""
        if grant.expires_at is not None and grant.expires_at <= now:
            self.expire(grant, grant.remaining, now)

    def expire(self, grant: Grant, credits: int, now: datetime, reason: str | None = None) -> None:
        """Write off so many free credits of a grant."""
        if credits:
            grant.changed = True
            grant.remaining -= credits
            grant.expired += credits
            draws = [Draw(grant.number, credits)]
            self.write(TransactionKind.EXPIRY, -credits, draws, now, reason=reason)

    def write(
        self,
        kind: TransactionKind,
        credits: int,
        draws: list[Draw],
        now: datetime,
        attribution: Attribution = NOBODY,
        **links: Any,  # noqa: ANN401 - hold, reverses or reason of the line
    ) -> Transaction:
        """Add the next line: numbered without gaps, with the running balance on it."""
        self.seq += 1
        self.balance += credits
        line = Transaction(self.seq, kind, credits, self.balance, now, draws, attribution, **links)
        self.lines.append(line)
        if kind is TransactionKind.DEDUCTION or kind is TransactionKind.TOP_UP:
            self.happened.append(line)
        if self.guard is not None and kind in USED:
            self.guard.fresh.add(attribution.member, attribution.app, -credits)
        return line

    def is_sound(self) -> bool:
        """Tell whether balance, grants and held total agree (PRODUCT, The pool, 10)."""
        balance = held = 0
        for grant in chain(self.grants, self.gone):
            if not grant.is_sound():
                return False
            balance += grant.remaining + grant.held
            held += grant.held
        return self.balance == balance and self.held == held


def is_low(available: int, allocation: int) -> bool:
    """Tell whether a pool is low: under 10 credits, or under a tenth of its allocation.

    The 10 credits say nothing of a plan that allocates fewer (PRODUCT, Warnings and limits).
    """
    return available * 10 < allocation or (available < LOW_CREDITS <= allocation)
