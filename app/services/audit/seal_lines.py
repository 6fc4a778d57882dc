"""VERB: seal what was noted, in the background, so that writers never wait for each other.

Lines get their numbers in the order in which they were committed, as far as that can be seen:
a line of a transaction that ends late is sealed late, and misses nowhere.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.audit_line import BEGINNING, seal_after, spelled_head
from app.services.audit.note import PLACE
from app.services.sealing import mark_of
from app.store.audit_lines import (
    AuditHead,
    facts_of,
    lock_head,
    put_seals,
    unsealed_chains,
    unsealed_lines,
)
from app.store.database import read_connection, transaction

CHAINS_AT_ONCE = 500
LINES_AT_ONCE = 1_000


def seal_lines(now: datetime) -> int:
    """Seal all lines that wait; any number of processes may do so at once. Returns how many."""
    with read_connection() as connection:  # so that nothing is locked while nothing waits
        chains = unsealed_chains(connection, CHAINS_AT_ONCE)
    return sum(_seal_chain(chain, now) for chain in chains)


def _seal_chain(chain: int, now: datetime) -> int:
    sealed = 0
    while some := _seal_some(chain, now):
        sealed += some
        if some < LINES_AT_ONCE:
            break
    return sealed


def _seal_some(chain: int, now: datetime) -> int:
    begin = {"seq": 0, "seal": BEGINNING, "mark": "", "sealed_at": now}
    with transaction():
        head = lock_head(chain, begin)
        if head is None:
            return 0  # somebody else is at it
        seals: list[tuple[int, int, str]] = []
        for line in unsealed_lines(chain, LINES_AT_ONCE):
            head.seq += 1
            head.seal = seal_after(head.seal, head.seq, line.mark, facts_of(line))
            seals.append((line.id, head.seq, head.seal))
        if seals:
            put_seals(seals)
            _mark_head(head, now)
    return len(seals)


def _mark_head(head: AuditHead, now: datetime) -> None:
    head.sealed_at = now
    head.mark = mark_of(spelled_head(head.chain, head.seq, head.seal), PLACE)
