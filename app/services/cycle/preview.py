"""VERB: tell what closing the due periods would do, pool by pool, without doing any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogue import Plan
from app.domain.pool import Pool
from app.domain.settlement import settle
from app.domain.transaction import TransactionKind
from app.services.credits.settle import CHUNK, due_pages
from app.services.directory import directory
from app.store.database import read_connection
from app.store.loaded_pools import read_whole_pools
from app.store.periods import slugs_of_pools


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would happen to one pool. `trimmed` is a part of what expires."""

    account: str
    periods: int
    granted: int
    carried: int
    trimmed: int
    expired: int
    timed_out: int
    balance: int
    balance_after: int
    problem: str | None = None


def preview(at: datetime) -> Iterator[Foreseen]:
    """Settle copies of all pools that are due at an instant; nothing is written."""
    plans = directory().catalogue(at).plans
    for due in due_pages(at):
        for first in range(0, len(due), CHUNK):
            chunk = due[first : first + CHUNK]
            with read_connection(snapshot=True) as connection:
                pools = read_whole_pools(connection, chunk, at)
                slugs = slugs_of_pools(connection, chunk)
            for pool in pools.values():
                yield _foreseen(pool, slugs.get(pool.id, f"pool {pool.id}"), at, plans)


def _foreseen(pool: Pool, slug: str, at: datetime, plans: Mapping[str, Plan]) -> Foreseen:
    before, active, problem = pool.balance, len(pool.holds), None
    try:
        settle(pool, max(at, pool.at), plans)
    except Exception as error:  # noqa: BLE001 - it is the answer for this pool
        problem = f"{type(error).__name__}: {error}"
    expired = (line for line in pool.lines if line.kind is TransactionKind.EXPIRY)
    return Foreseen(
        account=slug,
        periods=len(pool.opened),
        granted=sum(opened.granted for opened in pool.opened),
        carried=pool.opened[-1].carried if pool.opened else 0,
        trimmed=sum(opened.trimmed for opened in pool.opened),
        expired=-sum(line.credits for line in expired),
        timed_out=active if problem is None else 0,
        balance=before,
        balance_after=pool.balance,
        problem=problem,
    )
