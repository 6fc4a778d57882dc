"""Commands: everything that anyone can ask of a pool.

Each decides first and moves then, so that a refused command changes nothing and doesn't disturb
its neighbours in a batch. A hold is answered as a copy: what a neighbour makes of it later is not
this caller's answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.grant import Draw, Source, first_of, less
from app.domain.hold import LONGEST_HOLD, Hold, HoldState
from app.domain.pool import Cycle, Pool
from app.domain.refusals import Conflict, InvalidRequest, NotFound, Refusal
from app.domain.transaction import Attribution, Transaction, TransactionKind

LARGEST_AMOUNT = 10**15

Outcome = Transaction | Hold | Cycle


class Command(Protocol):
    """Something asked of a pool. `apply` runs on a settled pool, and answers or refuses."""

    def apply(self, pool: Pool, now: datetime) -> Outcome:
        """Change the pool and answer with what came of it."""


@dataclass(frozen=True, slots=True)
class Deduct:
    """Take credits for one action."""

    credits: int
    attribution: Attribution

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Draw from the grants in order of use."""
        pool.require_spendable(now)
        crossed = pool.require_room(self.credits, self.attribution, now)
        draws = pool.choose(self.credits, now)
        pool.use(draws)
        pool.happened += crossed
        return pool.write(TransactionKind.DEDUCTION, -self.credits, draws, now, self.attribution)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused before it reached the pool; a repeat still finds its first answer there."""

    refusal: Refusal

    def apply(self, pool: Pool, now: datetime) -> Transaction:  # noqa: ARG002
        """Refuse."""
        raise self.refusal


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Set credits aside while an action runs."""

    credits: int
    attribution: Attribution
    lasts: timedelta

    def apply(self, pool: Pool, now: datetime) -> Hold:
        """Draw as a deduction would, but keep the credits in their grants."""
        pool.require_spendable(now)
        crossed = pool.require_room(self.credits, self.attribution, now)
        draws = pool.choose(self.credits, now)
        pool.set_aside(draws)
        pool.count_held(self.attribution, self.credits)
        pool.happened += crossed
        pool.hold_count += 1
        hold = Hold(
            number=pool.hold_count,
            state=HoldState.ACTIVE,
            credits=self.credits,
            draws=draws,
            attribution=self.attribution,
            created_at=now,
            lasts=self.lasts,
            expires_at=now + self.lasts,
        )
        pool.holds[hold.number] = hold
        return replace(hold)


@dataclass(frozen=True, slots=True)
class Capture:
    """The action succeeded: take what was held, or the part that it cost (None: all)."""

    hold: int
    credits: int | None = None

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Take the held credits that expire first; the rest is released."""
        hold = _active(pool, self.hold)
        credits = hold.credits if self.credits is None else self.credits
        if credits > hold.credits:
            raise InvalidRequest.of("credits", f"The hold has only {hold.credits} credits.")
        taken = first_of(hold.draws, credits)
        pool.use_held(taken)
        line = pool.write(
            TransactionKind.DEDUCTION, -credits, taken, now, hold.attribution, hold=hold.number
        )
        pool.free_held(less(hold.draws, taken), now)
        pool.count_held(hold.attribution, -hold.credits)
        hold.end(HoldState.CAPTURED, now)
        hold.captured, hold.seq = credits, line.seq
        return line


@dataclass(frozen=True, slots=True)
class Release:
    """The action failed: nothing is paid."""

    hold: int

    def apply(self, pool: Pool, now: datetime) -> Hold:
        """Let the held credits go."""
        hold = _active(pool, self.hold)
        pool.free_held(hold.draws, now)
        pool.count_held(hold.attribution, -hold.credits)
        hold.end(HoldState.RELEASED, now)
        return replace(hold)


@dataclass(frozen=True, slots=True)
class Extend:
    """The action takes longer: let the hold live so long from now."""

    hold: int
    lasts: timedelta

    def apply(self, pool: Pool, now: datetime) -> Hold:
        """Move the time-out, never to an earlier one, nor past the longest life of a hold."""
        hold = _active(pool, self.hold)
        until = now + self.lasts
        if until > hold.created_at + LONGEST_HOLD:
            raise InvalidRequest.of(
                "expires_in", f"A hold lives at most {LONGEST_HOLD.total_seconds():.0f} seconds."
            )
        hold.expires_at = max(hold.expires_at, until)
        return replace(hold)


@dataclass(frozen=True, slots=True)
class RefundDeduction:
    """Mend a mistake: give back a deduction, or a part of it (None: all that is left)."""

    seq: int
    credits: int | None
    reason: str

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Restore the very grants, the last drawn first; what had expired expires again."""
        deduction = pool.line(self.seq)
        if deduction is None or deduction.kind is not TransactionKind.DEDUCTION:
            raise NotFound("There is no such deduction to refund.")
        restorable = _restorable(pool, deduction)
        left = sum(credits for _, credits in restorable)
        credits = left if self.credits is None else self.credits
        if not left:
            raise Conflict("This deduction was refunded in full before.")
        if credits > left:
            raise InvalidRequest.of("credits", f"Only {left} credits of it are not refunded yet.")
        draws = first_of(reversed(restorable), credits)
        pool.restore(draws)
        line = pool.write(
            TransactionKind.REFUND,
            credits,
            draws,
            now,
            deduction.attribution,
            reverses=self.seq,
            reason=self.reason,
        )
        pool.past[line.seq] = line
        for number, _ in draws:
            pool.expire_if_past(pool.grant(number), now)
        return line


@dataclass(frozen=True, slots=True)
class AddGrant:
    """Let credits enter: a top-up or an adjustment. `expires_at` None means never."""

    source: Source
    credits: int
    expires_at: datetime | None = None
    reason: str | None = None

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Add the grant, effective at once."""
        if not 0 < self.credits <= LARGEST_AMOUNT:
            raise InvalidRequest.of("credits", f"Grant between 1 and {LARGEST_AMOUNT} credits.")
        if self.expires_at is not None and self.expires_at <= now:
            raise InvalidRequest.of("expires_at", "This instant is past already.")
        return pool.add_grant(self.source, self.credits, now, self.expires_at, self.reason)


def _active(pool: Pool, number: int) -> Hold:
    hold = pool.holds.get(number)
    if hold is None:
        raise NotFound("There is no such hold.")
    hold.require_active()
    return hold


def _restorable(pool: Pool, deduction: Transaction) -> list[Draw]:
    draws = list(deduction.draws)
    for line in pool.past.values():
        if line.reverses == deduction.seq:
            draws = less(draws, line.draws)
    return draws
