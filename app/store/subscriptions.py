"""Subscriptions: which plan a person pays for, through which provider, and for which account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Account
from app.store.catalogue import PlanRow
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person
from app.store.pools import POOLS

OPERATOR = "operator"  # gives plans away; nobody is asked for money


class SubscriptionState(StrEnum):
    """How a subscription stands."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"


class Subscription(Base):
    """One plan paid by one person. A Business subscription covers one workspace, or none yet.

    `paid_through` is the number of the pool's last period that is known to be paid.
    """

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), unique=True)
    plan: Mapped[str] = mapped_column(ForeignKey(PlanRow.key))
    provider: Mapped[str] = mapped_column(String(60))
    state: Mapped[SubscriptionState] = mapped_column(choice(SubscriptionState))
    created_at: Mapped[datetime] = mapped_column(Instant)
    paid_through: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


def free_business_subscription(person_id: int) -> Subscription | None:
    """Find an active subscription of that person to a plan with workspaces, not yet used."""
    return db.session.scalars(
        select(Subscription)
        .join(PlanRow, PlanRow.key == Subscription.plan)
        .where(
            Subscription.person_id == person_id,
            Subscription.account_id.is_(None),
            Subscription.state == SubscriptionState.ACTIVE,
            PlanRow.workspaces,
        )
        .order_by(Subscription.id)
        .limit(1)
        .with_for_update(of=Subscription)
    ).first()


def subscription_of(account_id: int) -> Subscription | None:
    """Find the subscription that covers an account."""
    return db.session.scalar(select(Subscription).where(Subscription.account_id == account_id))


def lock_subscription(account_id: int) -> Subscription | None:
    """Take the subscription that covers an account until the transaction ends."""
    statement = select(Subscription).where(Subscription.account_id == account_id)
    return db.session.scalars(statement.with_for_update(of=Subscription)).first()


class Standing(NamedTuple):
    """Who is asked for the money of an account's plan, and whether some is missing."""

    provider: str
    is_past_due: bool


def read_standing(connection: Connection, account_id: int) -> Standing | None:
    """Read how the subscription of an account stands."""
    statement = select(Subscription.provider, Subscription.state).where(
        Subscription.account_id == account_id
    )
    row = connection.execute(statement).first()
    return Standing(row[0], row[1] is SubscriptionState.PAST_DUE) if row else None


class UnpaidPeriod(NamedTuple):
    """A period that was opened and is not known to be paid."""

    subscription_id: int
    account_id: int
    person_id: int
    provider: str
    plan: str
    number: int
    starts_at: datetime
    ends_at: datetime


class Followed(NamedTuple):
    """A subscription that follows its pool, as it is now."""

    account_id: int
    plan: str
    state: SubscriptionState
    provider: str


def follow_pools(connection: Connection) -> list[Followed]:
    """Let subscriptions name the plan that their pool is on; one that fell back has ended.

    Returns those that changed, by account. The pool goes first, since its periods open by time.
    """
    plan = select(POOLS.c.plan).where(POOLS.c.id == Subscription.account_id).scalar_subquery()
    changed = Subscription.account_id.is_not(None) & (plan != Subscription.plan)
    stands = Subscription.state == SubscriptionState.ACTIVE
    moved = update(Subscription).where(changed, stands).values(plan=plan)
    ended = update(Subscription).where(changed, Subscription.state == SubscriptionState.PAST_DUE)
    closed = ended.values(state=SubscriptionState.CANCELLED)
    now_are = [getattr(Subscription, name) for name in Followed._fields]
    rows = [row for each in (moved, closed) for row in connection.execute(each.returning(*now_are))]
    return sorted(Followed(*row) for row in rows)
