"""VERB that reads: everything that an operator wants to know of one account, a deleted one too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.domain.deletion import undo_ends
from app.domain.refusals import NotFound
from app.domain.role import Role
from app.services.billing.read import PlanView, plan_of
from app.services.credits.answers import HoldView, PoolView, TransactionView
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.views import hold_view
from app.services.directory import directory, looked_up
from app.store.accounts import Account, account_by_slug, count_members, search_members
from app.store.apps import apps_of
from app.store.database import read_connection
from app.store.history import active_holds
from app.store.sign_in_blocks import blocked_among

if TYPE_CHECKING:
    from app.domain.catalogue import Plan
    from app.store.apps import App

SHOWN = 25


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member, and whether they are kept from signing in."""

    person_id: int
    name: str
    email: str
    role: Role
    joined_at: datetime
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class AccountFile:
    """One account. `restorable_until` is set while a deletion can be undone."""

    account: Account
    pool: PoolView
    plan: PlanView
    members: Sequence[MemberLine]
    member_count: int
    apps: Sequence[App]
    holds: Sequence[HoldView]
    lines: Sequence[TransactionView]
    restorable_until: datetime | None


def account_file(slug: str, now: datetime) -> AccountFile:
    """Gather all that is known; what is long is cut and has a page of its own."""
    account = any_account(slug)
    until = undo_ends(account.deleted_at) if account.deleted_at else None
    places = search_members(account.id, "", None, SHOWN)
    blocked = blocked_among([place.person_id for place in places])
    members = [
        MemberLine(
            place.person_id,
            place.person.name,
            place.person.email,
            place.role,
            place.joined_at,
            place.person_id in blocked,
        )
        for place in places
    ]
    return AccountFile(
        account,
        pool(account, now),
        plan_of(account, now),
        members,
        count_members(account.id),
        apps_of(account.id)[:SHOWN],
        _holds(account.id, now),
        transactions(account, TransactionFilter(), SHOWN, None, now),
        until if until and now < until else None,
    )


def any_account(slug: str) -> Account:
    """Find an account, deleted ones too, or raise `NotFound`."""
    account = account_by_slug(slug) if slug.isprintable() else None
    if account is None:
        raise NotFound(f"There is no account “{slug[:40]}”.")
    return account


def plans_that_fit(account: Account, now: datetime) -> list[Plan]:
    """List the plans that an operator may put an account on, those withdrawn from sale, too."""
    plans = directory().catalogue(now).plans.values()
    return [each for each in plans if each.workspaces == (account.kind == "workspace")]


def _holds(pool_id: int, now: datetime) -> list[HoldView]:
    with read_connection() as connection:
        found = active_holds(connection, pool_id)[:SHOWN]
    return looked_up(lambda view: [hold_view(view, pool_id, each) for each in found], now)
