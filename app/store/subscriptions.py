"""Subscriptions: which plan a person pays for, through which provider, and for which account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Account
from app.store.catalogue import PlanRow
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class SubscriptionState(StrEnum):
    """How a subscription stands."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"


class Subscription(Base):
    """One plan paid by one person. A Business subscription covers one workspace, or none yet."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), unique=True)
    plan: Mapped[str] = mapped_column(ForeignKey(PlanRow.key))
    provider: Mapped[str] = mapped_column(String(60))
    state: Mapped[SubscriptionState] = mapped_column(choice(SubscriptionState))
    created_at: Mapped[datetime] = mapped_column(Instant)


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
