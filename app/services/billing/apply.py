"""VERB: change the plan of a pool and its subscription in one transaction.

The subscription is locked first and the pool after it, so that changes of one account take turns.
What is decided is decided on the settled pool, under its lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogue import Catalogue
from app.domain.pool import Cycle, Pool
from app.domain.refusals import Refusal
from app.services.credits.post import Entry, post
from app.services.credits.terms import terms_under
from app.services.directory import View, directory, looked_up
from app.store.database import current_connection, transaction
from app.store.subscriptions import Subscription, lock_subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a plan change is decided on: the pool as it is now, and what pays for it."""

    pool: Pool
    subscription: Subscription | None
    catalogue: Catalogue
    now: datetime


Decide = Callable[[Standing], Cycle]


@dataclass(frozen=True, slots=True)
class _Decision:
    """A command that decides when the pool is settled."""

    decide: Decide
    subscription: Subscription | None
    catalogue: Catalogue

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Let the verb decide."""
        return self.decide(Standing(pool, self.subscription, self.catalogue, now))


def change(
    account_id: int,
    decide: Decide,
    now: datetime,
    *,
    first: Callable[[], object] = lambda: None,
) -> Cycle:
    """Let `decide` apply its commands; `first` begins the transaction, to ask who may."""

    def work(view: View) -> Cycle:
        with transaction():
            first()
            subscription = lock_subscription(account_id)
            return _post(account_id, _Decision(decide, subscription, view.catalogue), view, now)

    directory().fresh(now)
    return looked_up(work, now)


def _post(account_id: int, decision: _Decision, view: View, now: datetime) -> Cycle:
    connection = current_connection()
    terms = terms_under(view, connection, now)
    entry = Entry(decision, seen=view.version)
    (result,) = post(connection, {account_id: [entry]}, now, terms)[account_id]
    if isinstance(result, Refusal):
        raise result
    assert isinstance(result.value, Cycle)
    return result.value
