"""VERB: change the plan of a pool and its subscription in one transaction.

The subscription is locked first and the pool after it, so that changes of one account take turns.
What is decided is decided on the settled pool, under its lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogue import Catalogue
from app.domain.happening import SubscriptionMoved
from app.domain.pool import Cycle, Pool
from app.services.audit.note import note
from app.services.credits.within import post_within
from app.services.directory import View, directory, looked_up
from app.store.database import transaction
from app.store.subscriptions import Subscription, lock_subscription, subscription_of


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a plan change is decided on: the pool as it is now, and what pays for it."""

    pool: Pool
    subscription: Subscription | None
    catalogue: Catalogue
    now: datetime


NAMES = ("plan", "state", "provider")

Decide = Callable[[Standing], Cycle]


@dataclass(frozen=True, slots=True)
class _Decision:
    """A command that decides when the pool is settled."""

    decide: Decide
    subscription: Subscription | None
    catalogue: Catalogue

    def apply(self, pool: Pool, now: datetime) -> Cycle:
        """Let the verb decide; what that made of the subscription has happened to the pool."""
        before = _facts(self.subscription)
        decided = self.decide(Standing(pool, self.subscription, self.catalogue, now))
        after = _facts(self.subscription or subscription_of(pool.id))
        if after is not None and after != before:
            pool.happened.append(SubscriptionMoved(now, *after))
            said = [dict(zip(NAMES, each, strict=True)) for each in (before or (None,) * 3, after)]
            note("subscription.changed", pool.id, now, before=said[0], after=said[1])
        return decided


def _facts(subscription: Subscription | None) -> tuple[str, str, str] | None:
    if subscription is None:
        return None
    return subscription.plan, subscription.state.value, subscription.provider


def change(
    account_id: int,
    decide: Decide,
    now: datetime,
    *,
    first: Callable[[], object] = lambda: None,
    last: Callable[[], object] = lambda: None,
) -> Cycle:
    """Let `decide` apply its commands; `first` begins the transaction, to ask who may.

    `last` ends it, when the pool and the subscription have changed.
    """

    def work(view: View) -> Cycle:
        with transaction():
            first()
            subscription = lock_subscription(account_id)
            decision = _Decision(decide, subscription, view.catalogue)
            changed = post_within(account_id, decision, view, now)
            last()
            assert isinstance(changed, Cycle)
            return changed

    directory().fresh(now)
    return looked_up(work, now)
