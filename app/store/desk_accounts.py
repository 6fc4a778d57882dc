"""Statements of the operator's desk about accounts: looked for among all of them, and counted.

They go by the id, the newest first, so that every page costs the same however many there are.
What a pool holds is read as it stands: what time alone has changed is written within seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from app.domain.pool import LOW_CREDITS
from app.domain.role import Role
from app.store.accounts import Account, AccountKind, Membership
from app.store.catalogue import PlanRow
from app.store.people import Person
from app.store.pools import POOLS
from app.store.shapes import AnyRow
from app.store.subscriptions import Subscription, SubscriptionState
from app.store.webhooks import Webhook

MOST_COUNTED = 1_000
FAILS_OFTEN = 3
FREE_CREDITS = POOLS.c.balance - POOLS.c.held


class AccountState(StrEnum):
    """In which state accounts are looked for."""

    LOW = "low"
    EMPTY = "empty"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class AccountsSought:
    """What is looked for; None leaves it open. `text` is part of a name or address.

    With an @ it is the whole e-mail address of a member.
    """

    text: str | None = None
    plan: str | None = None
    kind: AccountKind | None = None
    state: AccountState | None = None


def ids_sought(
    connection: Connection, sought: AccountsSought, now: datetime, before: int | None, limit: int
) -> list[int]:
    """List the ids of accounts that fit, the newest first, from the one before the id `before`."""
    statement = _sought(select(Account.id), sought, now)
    if before is not None:
        statement = statement.where(Account.id < before)
    return list(connection.scalars(statement.order_by(Account.id.desc()).limit(limit)))


def read_accounts(connection: Connection, ids: Sequence[int]) -> list[AnyRow]:
    """Read accounts with their pools' totals, their owners and subscriptions, the newest first."""
    return list(
        connection.execute(
            select(
                *(Account.id, Account.slug, Account.name, Account.kind, Account.created_at),
                Account.deleted_at,
                *(POOLS.c.balance, POOLS.c.held, POOLS.c.plan, POOLS.c.period_end),
                POOLS.c.suspends_at,
                PlanRow.credits,
                PlanRow.name.label("plan_name"),
                Person.email,
                Subscription.state,
            )
            .join(POOLS, POOLS.c.id == Account.id)
            .outerjoin(PlanRow, PlanRow.key == POOLS.c.plan)
            .outerjoin(
                Membership,
                and_(Membership.account_id == Account.id, Membership.role == Role.OWNER),
            )
            .outerjoin(Person, Person.id == Membership.person_id)
            .outerjoin(Subscription, Subscription.account_id == Account.id)
            .where(Account.id.in_(ids))
            .order_by(Account.id.desc())
        )
    )


def count_accounts(connection: Connection, sought: AccountsSought, now: datetime) -> int:
    """Count accounts that fit, up to a thousand and one."""
    some = _sought(select(Account.id), sought, now).limit(MOST_COUNTED + 1).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def count_all(connection: Connection) -> tuple[int, int, int]:
    """Count people, personal accounts and workspaces; deleted ones not among them."""
    standing = select(Account.kind, func.count()).where(Account.deleted_at.is_(None))
    kinds = {row[0]: row[1] for row in connection.execute(standing.group_by(Account.kind))}
    people = connection.scalar(select(func.count()).select_from(Person)) or 0
    return people, kinds.get(AccountKind.PERSONAL, 0), kinds.get(AccountKind.WORKSPACE, 0)


def count_ill_webhooks(connection: Connection) -> int:
    """Count endpoints that failed for so long that they were switched off, or fail now."""
    gone = and_(Webhook.is_on.is_(False), Webhook.off_reason.is_not(None), Webhook.failures > 0)
    failing = and_(Webhook.is_on, Webhook.failures >= FAILS_OFTEN)
    statement = select(func.count()).select_from(Webhook).where(or_(gone, failing))
    return connection.scalar(statement) or 0


def count_on_plan(connection: Connection, plan: str) -> tuple[int, int]:
    """Count the pools that are on a plan, and those that will be on it after their period."""
    on_it = select(func.count()).where(POOLS.c.plan == plan)
    coming = select(func.count()).where(POOLS.c.next_plan == plan, POOLS.c.plan != plan)
    return connection.scalar(on_it) or 0, connection.scalar(coming) or 0


def _sought(
    statement: Select[tuple[int]], sought: AccountsSought, now: datetime
) -> Select[tuple[int]]:
    if sought.plan is not None or sought.state is not None:
        statement = statement.join(POOLS, POOLS.c.id == Account.id)
    if sought.state in (AccountState.LOW, AccountState.EMPTY):
        statement = statement.join(PlanRow, PlanRow.key == POOLS.c.plan)
    if sought.state is AccountState.PAST_DUE:
        statement = statement.join(Subscription, Subscription.account_id == Account.id)
    return statement.where(*_conditions(sought, now))


def _conditions(sought: AccountsSought, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.text:
        found.append(_named(sought.text))
    if sought.plan is not None:
        found.append(POOLS.c.plan == sought.plan)
    if sought.kind is not None:
        found.append(Account.kind == sought.kind)
    if sought.state is not AccountState.DELETED and not sought.text:
        found.append(Account.deleted_at.is_(None))
    return found + _standing(sought.state, now)


def _named(text: str) -> ColumnElement[bool]:
    if "@" in text:
        theirs = (
            select(Membership.account_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.email == text.lower())
        )
        return Account.id.in_(theirs)
    return or_(
        Account.slug.icontains(text, autoescape=True), Account.name.icontains(text, autoescape=True)
    )


def _standing(state: AccountState | None, now: datetime) -> list[ColumnElement[bool]]:
    """Free plans are small by design: that one is used up is nothing to look after."""
    match state:
        case AccountState.LOW:
            tenth = PlanRow.credits > FREE_CREDITS * 10
            few = and_(FREE_CREDITS < LOW_CREDITS, PlanRow.credits >= LOW_CREDITS)
            return [PlanRow.amount > 0, or_(tenth, few)]
        case AccountState.EMPTY:
            return [PlanRow.amount > 0, FREE_CREDITS <= 0]
        case AccountState.PAST_DUE:
            return [Subscription.state == SubscriptionState.PAST_DUE]
        case AccountState.SUSPENDED:
            return [POOLS.c.suspends_at <= now]
        case AccountState.DELETED:
            return [Account.deleted_at.is_not(None)]
        case None:
            return []
