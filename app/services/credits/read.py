"""VERBS that read: a pool now or at a past instant, its history, its usage, a person's contexts.

What time has changed is settled first, so that balance, grants, lines and usage always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from app.domain.grant import Grant
from app.domain.pool import is_low
from app.domain.reference import numbers_of, reference
from app.domain.refusals import InvalidRequest, NotFound
from app.domain.rewind import rewind
from app.domain.transaction import TransactionKind
from app.services.credits.answers import (
    ContextView,
    Period,
    PoolView,
    TransactionView,
    UsageItem,
    UsageView,
)
from app.services.credits.settle import settle_if_due
from app.services.credits.views import grant_view, transaction_view
from app.services.directory import directory, looked_up
from app.store import history, usage_reading
from app.store.database import read_connection
from app.store.history import LineFilter, UsageBy, UsageSum

NUL = "\x00"  # no database can hold it
NONE, USED = "none", "used"


class HasPool(Protocol):
    """An account; its pool has its id."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which lines of the history are wanted, in people's words; None leaves a field open.

    `until` is not included. Member and app "none" want lines without; the kind "used" wants
    deductions and refunds, which are what usage adds up.
    """

    member: str | None = None
    app: str | None = None
    action: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def pool(account: HasPool, now: datetime, at: datetime | None = None) -> PoolView:
    """Show a pool now, or as it was `at` a past instant."""
    if at is not None and at > now:
        raise InvalidRequest.of("at", "This instant is still to come; ask for a past one.")
    settle_if_due([account.id], now)
    return _pool_now(account, now) if at is None else _pool_at(account, at)


def pools_of(person_id: int, now: datetime) -> list[ContextView]:
    """Show every account that a person can act in, with what its pool can pay."""
    with read_connection() as connection:
        contexts = history.contexts_of(connection, person_id)
    return _context_views(contexts, now)


def all_pools(after: int, limit: int, now: datetime) -> list[tuple[int, ContextView]]:
    """Show accounts of the whole installation by rising id, as their owners see them."""
    with read_connection() as connection:
        contexts = history.all_contexts(connection, after, limit)
    return list(zip((row.id for row in contexts), _context_views(contexts, now), strict=True))


def _context_views(contexts: Sequence[Any], now: datetime) -> list[ContextView]:
    ids = [row.id for row in contexts]
    settle_if_due(ids, now)
    with read_connection() as connection:
        pools = history.read_pools(connection, ids)
    plans = directory().catalogue(now).plans
    views = []
    for row in contexts:
        found = pools[row.id]
        available = found.balance - found.held
        plan = plans.get(found.cycle.plan) if found.cycle else None
        low = is_low(available, plan.credits if plan else 0)
        views.append(
            ContextView(
                row.slug, row.kind.value, row.name, row.role.value, available, found.held, low
            )
        )
    return views


def transactions(
    account: HasPool,
    wanted: TransactionFilter,
    limit: int,
    before_seq: int | None,
    now: datetime,
) -> list[TransactionView]:
    """Show lines of an account's history, the newest first, before line `before_seq`."""
    settle_if_due([account.id], now)
    chosen = _line_filter(wanted, now)
    if chosen is None:
        return []
    with read_connection() as connection:
        lines = history.read_lines(connection, account.id, chosen, limit, before_seq)
    return looked_up(lambda view: [transaction_view(view, account.id, line) for line in lines], now)


def usage(account: HasPool, by: str, since: date | None, until: date | None) -> UsageView:
    """Add up who or what used the pool, from day `since` through day `until` (UTC)."""
    kind = UsageBy(by)
    with read_connection(snapshot=True) as connection:
        sums = _usage_sums(connection, account.id, kind, since, until)
        names = _names(connection, kind, sums)
    total = sum(item.credits for item in sums)
    items = [
        UsageItem(
            *names(item.key), item.credits, item.deductions, item.credits / total if total else 0.0
        )
        for item in _sorted(kind, sums)
    ]
    return UsageView(items, total)


def _usage_sums(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    pool_id: int,
    by: UsageBy,
    since: date | None,
    until: date | None,
) -> list[UsageSum]:
    if by is UsageBy.DAY:
        days = usage_reading.daily(connection, pool_id, since, until)
        return [UsageSum(day, *used) for day, used in days.items()]
    where = usage_reading.span(connection, pool_id, since, until)
    each = usage_reading.used_by_each(connection, where, by, None)
    return [UsageSum(key, *used) for key, used in each.items()]


def _pool_now(account: HasPool, now: datetime) -> PoolView:
    with read_connection() as connection:
        found = history.read_pool(connection, account.id)
    if found is None:
        raise NotFound
    plan, period, renews = "", None, False
    if found.cycle is not None:
        plan, renews = found.cycle.plan, found.cycle.renews
        period = Period(found.cycle.period.start, found.cycle.period.end)
    view = _pool_view(account, found.grants, plan, period, max(now, found.at))
    return replace(view, renews=renews, suspends_at=found.suspends_at)


def _pool_at(account: HasPool, at: datetime) -> PoolView:
    with read_connection(snapshot=True) as connection:
        since = history.last_seq_at(connection, account.id, at)
        grants = rewind(
            history.grants_by(connection, account.id, at),
            history.all_lines(connection, account.id, after_seq=since),
            history.holds_active_at(connection, account.id, at),
        )
        facts = history.period_at(connection, account.id, at)
    if facts is None:
        return _pool_view(account, grants, "", None, at)
    return _pool_view(account, grants, facts.plan, Period(facts.start, facts.end), at)


def _pool_view(
    account: HasPool, grants: Iterable[Grant], plan: str, period: Period | None, at: datetime
) -> PoolView:
    grants = list(grants)
    available = sum(grant.remaining for grant in grants if grant.counts_at(at))
    known = directory().catalogue(at).plans.get(plan)
    return PoolView(
        account=account.slug,
        available=available,
        held=sum(grant.held for grant in grants),
        grants=[grant_view(account.id, grant) for grant in grants],
        plan=plan,
        period=period,
        low=is_low(available, known.credits if known else 0),
    )


def _line_filter(wanted: TransactionFilter, now: datetime) -> LineFilter | None:
    """Turn names into numbers; None when a name is unknown, so that nothing can match."""
    if NUL in f"{wanted.member}{wanted.action}":
        return None
    try:
        app = app_number(wanted.app) if wanted.app else None
        is_used = wanted.kind == USED
        kind = TransactionKind(wanted.kind) if wanted.kind and not is_used else None
    except NotFound:
        return None
    except ValueError as error:
        kinds = ", ".join(TransactionKind)
        raise InvalidRequest.of("kind", f"There is no such kind; there are: {kinds}.") from error
    member = None
    if wanted.member:
        member = member_number(wanted.member, now)
        if member is None:
            return None
    times = wanted.since, wanted.until
    return LineFilter(member, app, wanted.action or None, kind, *times, used=is_used)


def member_number(email: str, now: datetime) -> int | None:
    """The id of the person with that address, 0 for "none", None for a stranger."""
    if email == NONE:
        return 0
    person = looked_up(lambda view: view.person_by_email(email.lower()), now)
    return person.id if person else None


def app_number(text: str) -> int:
    """The id of an app by its reference, 0 for "none"; `NotFound` when it is no reference."""
    if text == NONE:
        return 0
    (number,) = numbers_of("app", text, 1)
    if not number:
        raise NotFound
    return number


def _sorted(by: UsageBy, sums: list[UsageSum]) -> list[UsageSum]:
    if by is UsageBy.DAY:
        return sorted(sums, key=lambda item: str(item.key))
    return sorted(sums, key=lambda item: (-item.credits, str(item.key)))


def _names(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    by: UsageBy,
    sums: list[UsageSum],
) -> Callable[[int | str | date], tuple[str, str]]:
    """How the keys of a report are spelled, and the names that go with them."""
    if by in (UsageBy.ACTION, UsageBy.DAY):
        return lambda key: (str(key), str(key))
    ids = [int(str(item.key)) for item in sums if item.key]
    if by is UsageBy.MEMBER:
        people = history.names_of_people(connection, ids)
        return lambda key: people.get(key, ("", "no member"))  # type: ignore[arg-type]
    apps = history.names_of_apps(connection, ids)

    def spell(key: int | str | date) -> tuple[str, str]:
        if not key:
            return "", "no app"
        return reference("app", int(str(key))), apps[int(str(key))]

    return spell
