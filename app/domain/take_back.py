"""Commands that take bought credits out of a pool again, because their money goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.grant import Grant
from app.domain.pool import Pool
from app.domain.refusals import Conflict
from app.domain.transaction import Transaction


class NothingLeft(Conflict):
    """All of it was used or is held, so nothing can be taken back."""


@dataclass(frozen=True, slots=True)
class TakeBackUnused:
    """Take all of a grant back, if nothing of it was ever used, held or lost."""

    grant: int
    reason: str

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Write it off; a grant that was touched stays as it is."""
        grant = _open(pool, self.grant)
        if grant is None or grant.remaining != grant.granted:
            raise Conflict("Some of these credits were used or are held, so they stay.")
        return _write_off(pool, grant, now, self.reason)


@dataclass(frozen=True, slots=True)
class TakeBackRest:
    """Take back what is left of a grant. What is held stays with its hold, so it never lacks."""

    grant: int
    reason: str

    def apply(self, pool: Pool, now: datetime) -> Transaction:
        """Write off what is free, or refuse with `NothingLeft`."""
        grant = _open(pool, self.grant)
        if grant is None or not grant.remaining:
            raise NothingLeft("All of these credits were used or are held.")
        return _write_off(pool, grant, now, self.reason)


def _open(pool: Pool, number: int) -> Grant | None:
    return next((grant for grant in pool.grants if grant.number == number), None)


def _write_off(pool: Pool, grant: Grant, now: datetime, reason: str) -> Transaction:
    pool.expire(grant, grant.remaining, now, reason)
    return pool.lines[-1]
