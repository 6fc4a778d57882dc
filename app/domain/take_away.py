"""A command of the operator: take credits out of a pool again, as an adjustment downwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.grant import draw
from app.domain.pool import Pool
from app.domain.refusals import InvalidRequest
from app.domain.transaction import Transaction, TransactionKind


@dataclass(frozen=True, slots=True)
class TakeAway:
    """Take so many free credits away, those first that would be used first.

    What is held stays with its hold, so there is no overdraft (PRODUCT, The pool, 6). The grants
    count what is taken as expired: it was neither used nor is it left.
    """

    credits: int
    reason: str

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Write one line, or refuse with `InvalidRequest` when fewer are free."""
        if self.credits < 1:
            raise InvalidRequest.of("credits", "Take at least 1 credit.")
        free = pool.available(now)
        draws = draw((grant for grant in pool.grants if grant.counts_at(now)), self.credits)
        if draws is None:
            raise InvalidRequest.of(
                "credits", f"Only {free} credits are free. What is held stays with its hold."
            )
        for number, credits in draws:
            grant = pool.grant(number)
            grant.changed = True
            grant.remaining -= credits
            grant.expired += credits
        return pool.write(TransactionKind.ADJUSTMENT, -self.credits, draws, now, reason=self.reason)
