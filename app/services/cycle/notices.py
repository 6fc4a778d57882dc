"""VERBS: warn of credits that will expire, and send a statement when a pool renewed.

Each pool is looked at once for each instant: whoever takes the notice queues the mails in the
same transaction, so that any number of schedulers send each mail once, and a crash sends none
twice. Mails go to the owner and the admins, unless they switched them off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.domain.catalogue import Plan
from app.domain.grant import Source
from app.domain.notice import WARN_BEFORE, NoticeKind, is_worth_a_warning
from app.domain.notification import NotificationKind
from app.domain.period import Renews
from app.domain.pool import Pool
from app.domain.settlement import settle
from app.domain.timeline import Coming, look_ahead
from app.services.cycle.statement import Statement, statement_of
from app.services.directory import directory
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.notifications.notify import managers_to_mail, notify_managers
from app.store.accounts import Account, account_by_id
from app.store.database import current_connection, read_connection, transaction
from app.store.loaded_pools import read_whole_pools
from app.store.mails import Mail
from app.store.notices import (
    claim_notices,
    expiring_pools,
    renewed_pools,
    trimming_pools,
)

Which = Callable[[Any, Collection[str], datetime, datetime, int, int], list[int]]

AT_ONCE = 200
STATEMENT_FOR = timedelta(days=2)


def warn_of_expiry(now: datetime) -> int:
    """Warn of what ends within a week, if that is more than a tenth of the pool."""
    plans = directory().catalogue(now).plans
    daily = [plan.key for plan in plans.values() if plan.renews is Renews.DAILY]
    cutting = [plan.key for plan in plans.values() if _may_cut_off(plan)]
    return sum(
        _warn_each(which, kinds, now, plans)
        for which, kinds in ((expiring_pools, daily), (trimming_pools, cutting))
    )


def _may_cut_off(plan: Plan) -> bool:
    return plan.rollover_cap is not None and 2 * plan.credits > plan.rollover_cap


def _has_plan(pool: Pool, plans: Mapping[str, Plan]) -> bool:
    """Tell whether its plans are in the catalogue; the cycle's runs report those that are not."""
    cycle = pool.cycle
    return cycle is None or {cycle.plan, cycle.next_plan or cycle.plan} <= plans.keys()


def _warn_each(which: Which, kinds: list[str], now: datetime, plans: Mapping[str, Plan]) -> int:
    last, sent, until = 0, 0, now + WARN_BEFORE
    while True:
        with read_connection() as connection:
            ids = which(connection, kinds, now, until, AT_ONCE, last)
            pools = read_whole_pools(connection, ids, until) if ids else {}
        if not ids:
            return sent
        sent += sum(_warn(pool, now, plans) for pool in pools.values() if _has_plan(pool, plans))
        last = ids[-1]


def send_statements(now: datetime) -> int:
    """Tell what the cycle that ended used, carried over and lost, for all that just renewed."""
    plans = directory().catalogue(now).plans
    monthly = [plan.key for plan in plans.values() if plan.renews is not Renews.DAILY]
    last = sent = 0
    while True:
        with read_connection() as connection:
            found = renewed_pools(connection, monthly, now - STATEMENT_FOR, AT_ONCE, last)
        if not found:
            return sent
        for pool, renewed_at in found:
            sent += _state(pool, renewed_at, now)
        last = found[-1][0]


def _warn(pool: Pool, now: datetime, plans: Mapping[str, Plan]) -> int:
    settle(pool, now, plans)
    available = pool.available(pool.at)
    steps = {step.at: step for step in _losses(pool, now, plans)}
    with transaction():
        ours = claim_notices(
            current_connection(), NoticeKind.EXPIRING, [(pool.id, at) for at in steps]
        )
        account = account_by_id(pool.id)
        worth = [
            steps[at] for _, at in sorted(ours) if is_worth_a_warning(steps[at].lost, available)
        ]
        if account is None or not worth:
            return 0
        mails = [mail for step in worth for mail in _warnings(account, step, available, now)]
        for step in worth:
            lost, at = step.lost, step.at.isoformat()
            notify_managers(pool.id, NotificationKind.EXPIRING, now, lost=lost, until=at)
        queue_mails(mails)
        return len(mails)


def _losses(pool: Pool, now: datetime, plans: Mapping[str, Plan]) -> Iterator[Coming]:
    """What the rules, run forward on this copy, will take away; what a day gave is no loss."""
    is_daily = pool.cycle is not None and plans[pool.cycle.plan].renews is Renews.DAILY
    for step in look_ahead(pool, now, now + WARN_BEFORE, plans):
        if is_daily:
            step.expired.pop(Source.ALLOCATION, None)
        if step.lost:
            yield step


def _warnings(account: Account, step: Coming, available: int, now: datetime) -> Iterator[Mail]:
    for person in managers_to_mail(account.id, NotificationKind.EXPIRING):
        yield mail_of(
            person.email,
            "credits_expiring",
            now,
            name=person.name,
            workspace=account.name,
            slug=account.slug,
            lost=f"{step.lost:,}",
            available=f"{available:,}",
            at=step.at,
        )


def _state(pool: int, renewed_at: datetime, now: datetime) -> int:
    statement = statement_of(pool, renewed_at, now)
    with transaction():
        ours = claim_notices(current_connection(), NoticeKind.STATEMENT, [(pool, renewed_at)])
        account = account_by_id(pool)
        if not ours or account is None or statement is None:
            return 0
        mails = list(_statements(account, statement, now))
        granted, used = statement.granted, statement.used
        notify_managers(pool, NotificationKind.RENEWED, now, granted=granted, used=used)
        queue_mails(mails)
        return len(mails)


def _statements(account: Account, statement: Statement, now: datetime) -> Iterator[Mail]:
    for person in managers_to_mail(account.id, NotificationKind.RENEWED):
        yield mail_of(
            person.email,
            "cycle_statement",
            now,
            name=person.name,
            workspace=account.name,
            slug=account.slug,
            renewed_at=statement.renewed_at,
            renews_at=statement.renews_at,
            granted=f"{statement.granted:,}",
            carried=f"{statement.carried:,}",
            used=f"{statement.used:,}",
            lost=f"{statement.lost:,}",
            by=statement.by,
        )
