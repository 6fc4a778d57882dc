"""VERB: prove the ledger: derive every balance again from the lines, and compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.proof import Difference, prove
from app.domain.refusals import NotFound
from app.store import history
from app.store.database import read_connection


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one pool: how many lines it has, and the first difference if any."""

    slug: str
    lines: int
    difference: Difference | None


def verify_ledger(slug: str | None = None) -> Iterator[Verified]:
    """Verify every pool, or the one of that account, each in one consistent read."""
    with read_connection() as connection:
        pools = history.pool_ids(connection, slug)
    if slug is not None and not pools:
        raise NotFound(f"There is no account “{slug}”.")
    for pool_id, name in pools:
        yield _verify(pool_id, name)


def _verify(pool_id: int, slug: str) -> Verified:
    with read_connection(snapshot=True) as connection:
        pool = history.read_pool(connection, pool_id)
        assert pool is not None
        difference = prove(
            pool,
            history.every_grant(connection, pool_id),
            history.active_holds(connection, pool_id),
            history.all_lines(connection, pool_id),
            history.all_usage(connection, pool_id),
        )
        return Verified(slug, pool.seq, difference)
