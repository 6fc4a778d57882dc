"""VERB: carry out one command on a pool as part of a transaction that does more than that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.domain.command import Command, Outcome
from app.domain.refusals import LimitReached, Refusal
from app.services.credits.guards import NOTHING_KEPT, Kept, taken
from app.services.credits.post import Entry, Result, post
from app.services.credits.terms import terms_under
from app.services.directory import View, directory, looked_up
from app.store.database import current_connection, transaction


def post_within(
    account_id: int, command: Command, view: View, now: datetime, *, rests_on_view: bool = True
) -> Outcome:
    """Carry out a command inside the running transaction, or raise its refusal.

    It is `Outdated` when names, rights or prices changed since the view, unless it rests on none.
    """
    entry = Entry(command, seen=view.version if rests_on_view else None)
    result = _posted(account_id, entry, view, now, NOTHING_KEPT)
    if isinstance(result, Refusal):
        raise result
    return result.value


@contextmanager
def limits_of(account_id: int, view: View) -> Iterator[Mapping[int, Kept]]:
    """Take what counts for the limits of an account, around the transaction that spends."""
    with taken([account_id] if view.limits(account_id) else []) as kept:
        yield kept


def spend_within(
    account_id: int, command: Command, view: View, now: datetime, kept: Mapping[int, Kept]
) -> Outcome | LimitReached:
    """Carry out a command that spends inside the running transaction, under the account's limits.

    A limit's refusal is given back, not raised: that it was met has to be committed.
    """
    entry = Entry(command, seen=view.version, limits=view.limits(account_id))
    result = _posted(account_id, entry, view, now, kept)
    if isinstance(result, LimitReached):
        return result
    if isinstance(result, Refusal):
        raise result
    return result.value


def _posted(
    account_id: int, entry: Entry, view: View, now: datetime, kept: Mapping[int, Kept]
) -> Result:
    connection = current_connection()
    terms = terms_under(view, connection, now)
    return post(connection, {account_id: [entry]}, now, terms, kept=kept)[account_id][0]


def post_between(
    account_id: int,
    command: Command,
    now: datetime,
    *,
    first: Callable[[], object],
    last: Callable[[Any], object],
) -> None:
    """Begin a transaction with `first`, carry out the command, end with `last` of its outcome.

    `first` raises a refusal to have nothing happen. All of it may run more than once, and is in
    effect once.
    """

    def work(view: View) -> None:
        with transaction():
            first()
            last(post_within(account_id, command, view, now))

    directory().fresh(now)
    looked_up(work, now)
