"""The ledger of one database: what the verbs use to change pools, alone or with others.

Each process has one per engine. It knows the terms, and gathers what waits for the same pool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from app.domain.refusals import Refusal
from app.services.credits.answers import Answer
from app.services.credits.group_commit import GroupCommit
from app.services.credits.guards import taken
from app.services.credits.post import Entry, Result, limited, post, post_time
from app.services.credits.terms import terms_under
from app.services.directory import directory
from app.store.database import current_engine, write_connection
from app.store.ledger import KeyTaken

# SQLite has one writer at a time. On PostgreSQL fewer lanes gather more: over a hundred pools, one
# lane was measured at 0.95 of a single hot pool's rate, two at 0.73, four at 0.53, one for each
# pool at 0.24. Two, so that one that waits for another process's lock does not stop all.
LANES = {"sqlite": 1, "postgresql": 2}

_group_commits: WeakKeyDictionary[Any, GroupCommit] = WeakKeyDictionary()


def submit(pool: int, entries: Sequence[Entry], now: datetime) -> list[Result]:
    """Commit entries, together with whatever else waits for the pool; results are in order."""
    return _group_commit().submit(pool, entries, now)


def submit_one(pool: int, entry: Entry, now: datetime) -> Answer[Any]:
    """Commit one entry and return its answer, or raise its refusal."""
    (result,) = submit(pool, [entry], now)
    if isinstance(result, Refusal):
        raise result
    return result


def _group_commit() -> GroupCommit:
    engine = current_engine()
    found = _group_commits.get(engine)
    if found is None:
        made = GroupCommit(commit, lanes=LANES[engine.dialect.name])
        found = _group_commits.setdefault(engine, made)
    return found


def commit(entries: Mapping[int, Sequence[Entry]], now: datetime) -> dict[int, list[Result]]:
    """Commit entries for one or many pools in a transaction of their own."""
    try:
        return _commit(entries, now)
    except KeyTaken:
        return _commit(entries, now, look_first=True)


def commit_time(
    pools: Sequence[int], now: datetime, note: Callable[[Any, int], None] = lambda *_: None
) -> int:
    """Commit what time did to those of these pools that are due; returns how many there were.

    `note` is told the count within the same transaction.
    """
    view = directory().view(now)
    with write_connection(current_engine()) as connection:
        settled = post_time(connection, pools, now, terms_under(view, connection, now))
        note(connection, settled)
        return settled


def _commit(
    entries: Mapping[int, Sequence[Entry]], now: datetime, *, look_first: bool = False
) -> dict[int, list[Result]]:
    view = directory().view(now)
    with taken(limited(entries)) as kept, write_connection(current_engine()) as connection:
        terms = terms_under(view, connection, now)
        return post(connection, entries, now, terms, look_first=look_first, kept=kept)
