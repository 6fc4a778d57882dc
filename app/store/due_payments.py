"""What the clockwork looks for: payments to ask for, to ask about, and to count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, CursorResult, exists, func, or_, select, update

from app.domain.payment import FAILED, UNRESOLVED, AttemptState, Purpose
from app.store.accounts import Account
from app.store.database import db
from app.store.payments import PaymentAttempt
from app.store.pools import PERIODS, POOLS
from app.store.subscriptions import OPERATOR, Subscription, SubscriptionState, UnpaidPeriod


def due_attempts(
    now: datetime, limit: int, *, without: Collection[str] = ()
) -> list[tuple[str, str, int]]:
    """List the keys of attempts to ask about, whom to ask, and how often that was done.

    Those `without` are providers that are not to be asked now.
    """
    attempts = PaymentAttempt
    statement = select(attempts.key, attempts.provider, attempts.asked)
    due = statement.where(attempts.due_at <= now, attempts.provider.not_in(without))
    rows = db.session.execute(due.order_by(attempts.due_at).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def claim_attempt(key: str, asked: int, due_at: datetime) -> bool:
    """Take an attempt to ask about it, by compare-and-set; False when another process has it."""
    mine = (PaymentAttempt.key == key, PaymentAttempt.asked == asked)
    change = update(PaymentAttempt).where(*mine, PaymentAttempt.state.in_(UNRESOLVED))
    return _changed(change.values(asked=asked + 1, due_at=due_at)) == 1


def overdue_attempts(before: datetime, limit: int) -> list[str]:
    """List payments of periods that have been pending since before then, not counted as failed."""
    statement = select(PaymentAttempt.key).where(
        PaymentAttempt.purpose == Purpose.PERIOD,
        PaymentAttempt.state == AttemptState.PENDING,
        PaymentAttempt.created_at <= before,
        PaymentAttempt.is_failure.is_(False),
    )
    return list(db.session.scalars(statement.order_by(PaymentAttempt.id).limit(limit)))


def periods_to_charge(
    connection: Connection,
    now: datetime,
    limit: int,
    *,
    by: Collection[str] | None = None,
    only: tuple[int, int] | None = None,
) -> list[UnpaidPeriod]:
    """List periods to ask money for: unpaid, of which no try is under way or waits for its day.

    A plan that was cancelled is still paid for the period that runs.

    With `by`, only those that these providers charge. With `only`, a subscription's id and a
    period's number, look at no other.
    """
    pools = POOLS.c
    still_runs = (pools.plan == Subscription.plan) & (pools.period_end > now)
    owes = or_(
        Subscription.state == SubscriptionState.ACTIVE,
        (Subscription.state == SubscriptionState.CANCELLED) & still_runs,
    )
    tried = exists().where(
        PaymentAttempt.subscription_id == Subscription.id,
        PaymentAttempt.period == PERIODS.c.number,
        or_(PaymentAttempt.state.in_(UNRESOLVED), PaymentAttempt.retry_at > now),
    )
    statement = (
        select(
            Subscription.id,
            Subscription.account_id,
            Subscription.person_id,
            Subscription.provider,
            PERIODS.c.plan,
            PERIODS.c.number,
            PERIODS.c.starts_at,
            PERIODS.c.ends_at,
        )
        .join(POOLS, POOLS.c.id == Subscription.account_id)
        .join(PERIODS, PERIODS.c.pool == POOLS.c.id)
        .join(Account, Account.id == POOLS.c.id)
        .where(
            owes,
            Subscription.provider != OPERATOR,
            Account.deleted_at.is_(None),
            pools.period_number > Subscription.paid_through,
            PERIODS.c.plan == Subscription.plan,
            PERIODS.c.number > Subscription.paid_through,
            ~tried,
        )
        .order_by(Subscription.id, PERIODS.c.number)
        .limit(limit)
    )
    if by is not None:
        statement = statement.where(Subscription.provider.in_(by))
    if only is not None:
        statement = statement.where(Subscription.id == only[0], PERIODS.c.number == only[1])
    return [UnpaidPeriod(*row) for row in connection.execute(statement)]


class Spent(NamedTuple):
    """What automatic top-up cost an account in a month, and whether one is under way."""

    amount: int
    in_flight: bool


def auto_spent(account_id: int, since: datetime) -> Spent:
    """Add up automatic top-ups since then that were paid, or may still be."""
    auto = (
        PaymentAttempt.account_id == account_id,
        PaymentAttempt.purpose == Purpose.AUTO_TOP_UP,
        PaymentAttempt.state.not_in(FAILED),
    )
    spent = select(func.sum(PaymentAttempt.amount)).where(*auto, PaymentAttempt.created_at >= since)
    flying = select(exists().where(*auto, PaymentAttempt.state.in_(UNRESOLVED)))
    return Spent(int(db.session.scalar(spent) or 0), bool(db.session.scalar(flying)))


def _changed(statement: Any) -> int:  # noqa: ANN401 - an UPDATE
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
