"""VERB: carry out one command on a pool as part of a transaction that does more than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.command import Command, Outcome
from app.domain.refusals import Refusal
from app.services.credits.post import Entry, post
from app.services.credits.terms import terms_under
from app.services.directory import View, directory, looked_up
from app.store.database import current_connection, transaction


def post_within(
    account_id: int, command: Command, view: View, now: datetime, *, rests_on_view: bool = True
) -> Outcome:
    """Carry out a command inside the running transaction, or raise its refusal.

    It is `Outdated` when names, rights or prices changed since the view, unless it rests on none.
    """
    connection = current_connection()
    terms = terms_under(view, connection, now)
    entry = Entry(command, seen=view.version if rests_on_view else None)
    (result,) = post(connection, {account_id: [entry]}, now, terms)[account_id]
    if isinstance(result, Refusal):
        raise result
    return result.value


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
