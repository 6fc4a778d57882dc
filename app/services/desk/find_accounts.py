"""VERB that reads: look for accounts among all of the installation, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.pool import is_low
from app.services.credits.settle import settle_if_due
from app.store.database import read_connection
from app.store.desk_accounts import AccountsSought, AccountState, ids_sought, read_accounts
from app.store.subscriptions import SubscriptionState

__all__ = ["AccountLine", "AccountPage", "AccountState", "AccountsSought", "find_accounts"]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in a list. `marks` are what an operator should know: low, empty, past due …"""

    id: int
    slug: str
    name: str
    kind: str
    owner: str
    plan: str
    available: int
    held: int
    renews_at: datetime | None
    created_at: datetime
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts, the newest first; `older` is where the next page begins, if there is one."""

    items: list[AccountLine]
    older: int | None


def find_accounts(
    sought: AccountsSought, now: datetime, *, before: int | None = None, limit: int = 50
) -> AccountPage:
    """List accounts that fit. Pools that are shown are settled first, so that they are right."""
    with read_connection() as connection:
        ids = ids_sought(connection, sought, now, before, limit + 1)
    settle_if_due(ids[:limit], now)
    with read_connection() as connection:
        rows = read_accounts(connection, ids[:limit])
    older = ids[limit - 1] if len(ids) > limit else None
    return AccountPage([_line(row, now) for row in rows], older)


def _line(row: Any, now: datetime) -> AccountLine:  # noqa: ANN401 - a row of the store's
    return AccountLine(
        row.id,
        row.slug,
        row.name,
        row.kind.value,
        row.email or "",
        row.plan_name or "No plan",
        row.balance - row.held,
        row.held,
        row.period_end,
        row.created_at,
        tuple(_marks(row, now)),
    )


def _marks(row: Any, now: datetime) -> list[str]:  # noqa: ANN401
    available = row.balance - row.held
    if row.deleted_at is not None:
        return ["deleted"]
    found = []
    if available <= 0:
        found.append("empty")
    elif is_low(available, row.credits or 0):
        found.append("low")
    if row.state is SubscriptionState.PAST_DUE:
        found.append("past due")
    if row.suspends_at is not None and row.suspends_at <= now:
        found.append("suspended")
    return found
