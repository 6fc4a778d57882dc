"""VERBS that read: the limits of an account, and how far each of them is used now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.limit import Limit, LimitEffect, LimitPer, LimitWho, Sums, Window, windows_at
from app.domain.reference import reference
from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.credits.settle import settle_if_due
from app.services.directory import View, looked_up
from app.services.limits.set_limit import right_for
from app.store.database import read_connection
from app.store.history import read_pool
from app.store.limits import read_limits
from app.store.spent import held_now, used_since

MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of a limit one subject has used and holds; `name` is a person's or an app's."""

    name: str
    credits: int
    share: float


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit as it stands now.

    `uses` are those nearest to it, the nearest first: one, or several where it is about each
    member. `used` is what the nearest of them used or holds. `resets_at` None: nobody knows.
    """

    id: int
    who: LimitWho
    member: str | None
    app: str | None
    name: str
    effect: LimitEffect
    credits: int
    per: LimitPer
    used: int
    uses: list[LimitUse]
    since: datetime
    resets_at: datetime | None
    may_change: bool

    @property
    def reference(self) -> str:
        """Its id as people and programs see it."""
        return reference("limit", self.id)

    @property
    def left(self) -> int:
        """How many credits there are until it is reached."""
        return max(0, self.credits - self.used)

    @property
    def is_met(self) -> bool:
        """Tell whether it is reached."""
        return self.used >= self.credits


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counts at one instant."""

    windows: dict[LimitPer, Window]
    used: dict[LimitPer, Sums]
    held: Sums

    def of(self, limit: Limit, subject: int) -> int:
        return max(
            0, self.used[limit.per].of(limit.who, subject) + self.held.of(limit.who, subject)
        )

    def busiest(self, limit: Limit) -> list[int]:
        """Who is nearest to a limit for each member."""
        people = {*self.used[limit.per].members, *self.held.members}
        return sorted(people, key=lambda one: (-self.of(limit, one), one))[:MOST_SHOWN]


def limits_in(access: Access, now: datetime) -> list[LimitView]:
    """List all limits of an account with how far each is used; for its owner and admins."""
    access.require(Right.MANAGE_ALERTS)
    return _shown(access, now, mine_only=False)


def limits_about_me(access: Access, now: datetime) -> list[LimitView]:
    """List the limits that concern this person: their own, each member's, and that of all."""
    access.require(Right.SEE_ACCOUNT)
    return _shown(access, now, mine_only=True)


def limit_in(access: Access, limit_id: int, now: datetime) -> LimitView:
    """Show one limit; `NotFound` when it isn't there."""
    for one in limits_in(access, now):
        if one.id == limit_id:
            return one
    raise NotFound("There is no such limit; perhaps somebody removed it.")


def _shown(access: Access, now: datetime, *, mine_only: bool) -> list[LimitView]:
    with read_connection() as connection:
        limits = read_limits(connection, access.account_id)
    if mine_only:
        limits = tuple(one for one in limits if _concerns(one, access.person_id))
    if not limits:
        return []
    counted = _counted(access.account_id, {one.per for one in limits}, now)
    subject = access.person_id if mine_only else None
    return looked_up(
        lambda view: [_view(view, access, one, counted, subject) for one in limits], now
    )


def _concerns(limit: Limit, person_id: int) -> bool:
    own = limit.who is LimitWho.MEMBER and limit.subject == person_id
    return own or limit.who in (LimitWho.EACH_MEMBER, LimitWho.ACCOUNT)


def _counted(account_id: int, pers: Iterable[LimitPer], now: datetime) -> _Counted:
    settle_if_due([account_id], now)
    with read_connection(snapshot=True) as connection:
        pool = read_pool(connection, account_id)
        period = pool.cycle.period if pool and pool.cycle else None
        windows = windows_at(max(now, pool.at) if pool else now, period)
        used = {per: _sums(used_since(connection, account_id, windows[per].start)) for per in pers}
        return _Counted(windows, used, _sums(held_now(connection, account_id)))


def _sums(rows: Iterable[tuple[int | None, int | None, int]]) -> Sums:
    sums = Sums()
    for member, app, credits in rows:
        sums.add(member, app, credits)
    return sums


def _view(
    view: View, access: Access, limit: Limit, counted: _Counted, only: int | None
) -> LimitView:
    subjects = [limit.subject or 0]
    if limit.who is LimitWho.EACH_MEMBER:
        subjects = [only] if only is not None else counted.busiest(limit)
    uses = [_use(view, limit, one, counted.of(limit, one)) for one in subjects]
    person = view.person(limit.subject or 0) if limit.who is LimitWho.MEMBER else None
    window = counted.windows[limit.per]
    return LimitView(
        id=limit.id,
        who=limit.who,
        member=person.email if person else None,
        app=reference("app", limit.subject or 0) if limit.who is LimitWho.APP else None,
        name=_name(view, limit, limit.subject or 0),
        effect=limit.effect,
        credits=limit.credits,
        per=limit.per,
        used=max((use.credits for use in uses), default=0),
        uses=uses,
        since=window.start,
        resets_at=window.end,
        may_change=access.may(right_for(limit.effect)),
    )


def _use(view: View, limit: Limit, subject: int, credits: int) -> LimitUse:
    return LimitUse(_name(view, limit, subject), credits, min(1.0, credits / limit.credits))


def _name(view: View, limit: Limit, subject: int) -> str:
    if limit.who is LimitWho.APP:
        app = view.app(subject)
        return app.name if app else ""
    person = view.person(subject) if subject else None
    return person.name if person else ""
