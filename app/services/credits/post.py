"""THE one path by which pools change (DESIGN, Rules of the money path, 2).

Lock the pools, load what the commands need, settle what time did, apply each command in order
with pure rules, write everything. One command or a thousand, one pool or many: the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.catalogue import Plan
from app.domain.command import Capture, Command, Extend, Outcome, RefundDeduction, Release
from app.domain.limit import Limit, LimitMet
from app.domain.pool import Cycle, Pool
from app.domain.refusals import IdempotencyConflict, LimitReached, NotFound, Refusal
from app.domain.settlement import settle
from app.domain.shortage import notice_shortage
from app.domain.transaction import Transaction
from app.services.credits.answers import Answer
from app.services.credits.guards import NOTHING_KEPT, Kept
from app.services.credits.terms import TermsOf
from app.services.directory import Outdated
from app.services.outbox.write import messages_of
from app.store.ledger import KnownKey, NewKey, recall, save
from app.store.loaded_pools import Needs, lock_due_pools, lock_pools

Result = Answer[Outcome] | Refusal


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as it was asked.

    `key` is its idempotency key and `fingerprint` the hash of what was asked with it.
    `seen` is the directory's version under which names, rights, price and the account's `limits`
    were looked up.
    """

    command: Command
    key: str | None = None
    fingerprint: str = ""
    seen: int | None = None
    limits: tuple[Limit, ...] = ()


Known = dict[tuple[int, str], KnownKey]


def post(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    entries: Mapping[int, Sequence[Entry]],
    now: datetime,
    terms_of: TermsOf,
    *,
    look_first: bool = False,
    kept: Mapping[int, Kept] = NOTHING_KEPT,
) -> dict[int, list[Result]]:
    """Apply entries to their pools within the caller's transaction; results are in order.

    An unexpected repeat of a key raises the store's `KeyTaken`: begin anew with `look_first`.
    A pool without entries is only settled. `terms_of` gives the plans, and who is told, under that
    version of the directory: a period must not be opened by a plan that another process changed.
    `kept` is what was counted before of those pools for which there are limits.
    """
    needs = {pool: _needs(batch) for pool, batch in entries.items()}
    counted = {pool: each.seq for pool, each in kept.items()}
    pools, version, counts = lock_pools(connection, needs, now, counted)
    terms = terms_of(version)
    known = recall(connection, _keys(entries)) if look_first else {}
    results: dict[int, list[Result]] = {}
    new_keys: list[NewKey] = []
    for pool_id, batch in entries.items():
        pool = pools.get(pool_id)
        if pool is None:
            results[pool_id] = [NotFound() for _ in batch]
            continue
        at = max(now, pool.at)
        settle(pool, at, terms.plans)
        limits = _limits(batch, version) if pool_id in kept else ()
        if limits:
            kept[pool_id].guard(connection, pool, limits, counts, at)
        results[pool_id] = [
            _answer(pool, entry, at, version, known, new_keys, terms.plans) for entry in batch
        ]
        assert pool.is_sound(), f"pool {pool_id} does not add up"
    if not look_first:
        _replay_refused(connection, entries, results)
    _note_blocks(pools, results, now)
    messages = messages_of(pools.values(), terms.wanted, now)
    save(connection, pools.values(), new_keys, messages)
    return results


def post_time(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    pool_ids: Sequence[int],
    now: datetime,
    terms_of: TermsOf,
) -> int:
    """Do what time did to those of these pools that are due and that nobody else is at work on.

    What others hold is theirs to settle. Returns how many pools there were.
    """
    pools, version = lock_due_pools(connection, pool_ids, now)
    terms = terms_of(version)
    for pool in pools.values():
        settle(pool, max(now, pool.at), terms.plans)
        assert pool.is_sound(), f"pool {pool.id} does not add up"
    save(connection, pools.values(), messages=messages_of(pools.values(), terms.wanted, now))
    return len(pools)


def limited(entries: Mapping[int, Sequence[Entry]]) -> list[int]:
    """Name the pools for which there are limits."""
    return [pool for pool, batch in entries.items() if any(entry.limits for entry in batch)]


def _limits(batch: Sequence[Entry], version: int) -> tuple[Limit, ...]:
    """The pool's limits; those that were looked up under another version count for nobody."""
    return next((each.limits for each in batch if each.limits and each.seen == version), ())


def _note_blocks(
    pools: Mapping[int, Pool], results: Mapping[int, Sequence[Result]], now: datetime
) -> None:
    """Note each block that refused somebody for the first time in its window."""
    for pool in pools.values():
        if pool.guard is None:
            continue
        for result in results[pool.id]:
            if isinstance(result, LimitReached) and pool.guard.first_met(result.standing):
                pool.happened.append(LimitMet(max(now, pool.at), result.standing))


def _answer(
    pool: Pool,
    entry: Entry,
    now: datetime,
    version: int,
    known: Known,
    new_keys: list[NewKey],
    plans: Mapping[str, Plan],
) -> Result:
    if entry.seen is not None and entry.seen != version:
        return Outdated("The directory changed.")
    if entry.key is not None and (pool.id, entry.key) in known:
        return _replay(entry, known[pool.id, entry.key])
    try:
        outcome = entry.command.apply(pool, now)
    except Refusal as refusal:
        return refusal
    notice_shortage(pool, plans, now)
    if entry.key is not None:
        assert not isinstance(outcome, Cycle), "a plan change is told once; it has no key"
        known[pool.id, entry.key] = KnownKey(entry.fingerprint, outcome)
        line, hold = (
            (outcome.seq, None) if isinstance(outcome, Transaction) else (None, outcome.number)
        )
        new_keys.append(NewKey(pool.id, entry.key, entry.fingerprint, line, hold, now))
    return Answer(outcome)


def _replay(entry: Entry, known: KnownKey) -> Result:
    if known.fingerprint != entry.fingerprint:
        return IdempotencyConflict(
            "This idempotency key came before with another request. Use a new key for a new one."
        )
    return Answer(known.outcome, replayed=True)


def _replay_refused(
    connection: Any,  # noqa: ANN401
    entries: Mapping[int, Sequence[Entry]],
    results: dict[int, list[Result]],
) -> None:
    """A repeat that is refused now, though it succeeded then, gets the first answer."""
    refused = [
        (pool, index, entry, entry.key)
        for pool, batch in entries.items()
        for index, entry in enumerate(batch)
        if entry.key is not None and _may_hide_a_replay(results[pool][index])
    ]
    if not refused:
        return
    known = recall(connection, [(pool, key) for pool, _, _, key in refused])
    for pool, index, entry, key in refused:
        if (pool, key) in known:
            results[pool][index] = _replay(entry, known[pool, key])


def _may_hide_a_replay(result: Result) -> bool:
    return isinstance(result, Refusal) and not isinstance(result, (Outdated, IdempotencyConflict))


def _keys(entries: Mapping[int, Sequence[Entry]]) -> list[tuple[int, str]]:
    return [
        (pool, entry.key)
        for pool, batch in entries.items()
        for entry in batch
        if entry.key is not None
    ]


def _needs(batch: Sequence[Entry]) -> Needs:
    needs = Needs()
    for entry in batch:
        match entry.command:
            case Capture(hold=number) | Release(hold=number) | Extend(hold=number):
                needs.holds.add(number)
            case RefundDeduction(seq=seq):
                needs.lines.add(seq)
    return needs
