"""VERB: ask for the money of every period that opened, once, when nobody is there.

Any number of processes do this at once: an attempt is written down before a provider is asked,
and for each period at most one attempt is unresolved. Whoever comes second finds it taken.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.catalogue import Plan
from app.services.billing.attempt import call, mint
from app.services.billing.patience import Patience
from app.services.billing.payments import paid
from app.services.billing.providers import desks
from app.services.billing.purchase import period_wanted
from app.services.billing.record import take_outcome
from app.services.directory import directory
from app.store.database import UniqueTaken, current_connection, read_connection, transaction
from app.store.due_payments import periods_to_charge
from app.store.subscriptions import Subscription, UnpaidPeriod, lock_subscription

AT_ONCE = 500


def charge_due_periods(now: datetime) -> int:
    """Ask for what is unpaid and not asked for yet; returns how many periods were asked for.

    What a provider that is not there now would be asked for waits until it is back.
    """
    done, patience = 0, Patience()
    while True:
        there = {each.key for each in desks(now)}.difference(patience.lost())
        with read_connection() as connection:
            due = periods_to_charge(connection, now, AT_ONCE, by=there)
        asked = sum(_charge(period, patience, now) for period in due)
        done += asked
        if not asked:
            return done


def _charge(due: UnpaidPeriod, patience: Patience, now: datetime) -> bool:
    plan = directory().catalogue(now).plans.get(due.plan)
    if plan is None:
        return False
    if plan.amount == 0:
        paid(due.account_id, due.number, now)
        return True
    if patience.is_over(due.provider):
        return False
    key = _minted(due, plan, now)
    if key is None:
        return False
    patience.note(due.provider, take_outcome(key, call(key, now), now))
    return True


def _minted(due: UnpaidPeriod, plan: Plan, now: datetime) -> str | None:
    """Write the attempt down, unless it was paid or taken up elsewhere since it was listed."""
    try:
        with transaction():
            subscription = lock_subscription(due.account_id)
            if subscription is None or not _is_to_be_paid(subscription, due, now):
                return None
            wanted = period_wanted(due.account_id, subscription, plan, due.number, due.provider)
            return mint(replace(wanted, present=False), now)
    except UniqueTaken:
        return None


def _is_to_be_paid(subscription: Subscription, due: UnpaidPeriod, now: datetime) -> bool:
    """Look again under the subscription's lock: a try may have ended between the two looks."""
    only = (due.subscription_id, due.number)
    still = periods_to_charge(current_connection(), now, 1, only=only)
    return subscription.provider == due.provider and bool(still)
