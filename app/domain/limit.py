"""Limits: guard-rails that an owner sets on the shared pool (PRODUCT, Warnings and limits).

What counts is what was used in the running window, less what was refunded in it, and what is held
now. A window is a UTC day, or the running period of the pool. A refund gives room back in the
window in which it is given. Capturing a hold changes nothing that counts, so it always completes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.period import Period
from app.domain.reference import reference
from app.domain.refusals import LimitReached
from app.domain.transaction import Attribution

LARGEST_LIMIT = 10**12
EVER = datetime.min.replace(tzinfo=UTC)
ALL = 0  # whom a sum is about that is about nobody in particular


class LimitWho(StrEnum):
    """Whom a limit is about."""

    EACH_MEMBER = "each_member"
    MEMBER = "member"
    APP = "app"
    ACCOUNT = "account"


class LimitEffect(StrEnum):
    """What happens when it is reached: people are told, or nothing more can be spent."""

    ALERT = "alert"
    BLOCK = "block"


class LimitPer(StrEnum):
    """In which window it counts."""

    DAY = "day"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many credits in a window. `subject` is the member's or the app's id, or None."""

    id: int
    who: LimitWho
    subject: int | None
    effect: LimitEffect
    credits: int
    per: LimitPer

    def subject_of(self, who: Attribution) -> int | None:
        """Tell which sum such an action counts for; None when this limit isn't about it."""
        if self.who is LimitWho.ACCOUNT:
            return ALL
        acting = who.app if self.who is LimitWho.APP else who.member
        if self.who is LimitWho.EACH_MEMBER or acting == self.subject:
            return acting
        return None


class Window(NamedTuple):
    """What a limit counts in; `end` None when nobody knows."""

    start: datetime
    end: datetime | None


def windows_at(now: datetime, period: Period | None) -> dict[LimitPer, Window]:
    """The windows that run at an instant; a pool without a period counts from its beginning."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return {
        LimitPer.DAY: Window(midnight, midnight + timedelta(days=1)),
        LimitPer.CYCLE: Window(period.start, period.end) if period else Window(EVER, None),
    }


@dataclass(slots=True)
class Sums:
    """Credits by member, by app, and of all."""

    total: int = 0
    members: dict[int, int] = field(default_factory=dict)
    apps: dict[int, int] = field(default_factory=dict)

    def add(self, member: int | None, app: int | None, credits: int) -> None:
        """Count credits for whoever they are attributed to; 0 is nobody, too."""
        self.total += credits
        if member:
            self.members[member] = self.members.get(member, 0) + credits
        if app:
            self.apps[app] = self.apps.get(app, 0) + credits

    def merge(self, other: Sums) -> None:
        """Count all that another one counts."""
        self.total += other.total
        for mine, theirs in ((self.members, other.members), (self.apps, other.apps)):
            for number, credits in theirs.items():
                mine[number] = mine.get(number, 0) + credits

    def of(self, who: LimitWho, subject: int) -> int:
        """The sum that a limit is about."""
        if who is LimitWho.ACCOUNT:
            return self.total
        return (self.apps if who is LimitWho.APP else self.members).get(subject, 0)

    def size(self) -> int:
        """How many sums there are."""
        return len(self.members) + len(self.apps) + 1


@dataclass(slots=True)
class Spent:
    """What a pool's running windows used by its line `seq`: sums of lines that never change."""

    seq: int
    day: date
    since: datetime
    used: dict[LimitPer, Sums]

    def add(self, member: int | None, app: int | None, credits: int, at: datetime) -> None:
        """Count a later line: used credits, negative where they were refunded."""
        if at >= self.since:
            self.used[LimitPer.CYCLE].add(member, app, credits)
        if at.date() > self.day:
            self.begin_day(at.date())
        self.used[LimitPer.DAY].add(member, app, credits)

    def begin_day(self, day: date) -> None:
        """Begin a day of which no line was counted yet."""
        self.day, self.used[LimitPer.DAY] = day, Sums()

    def size(self) -> int:
        """How many sums it has."""
        return sum(sums.size() for sums in self.used.values())


class Standing(NamedTuple):
    """A limit as it stands for one subject: `counted` of `limit.credits` are used or held."""

    limit: Limit
    subject: int
    counted: int
    window: Window


@dataclass(frozen=True, slots=True)
class LimitMet:
    """A limit was reached: an alert was crossed, or a block refused somebody."""

    at: datetime
    standing: Standing


@dataclass(slots=True)
class Guard:
    """The limits of a settled pool beside what they count, while commands are applied to it.

    `spent` are lines that are there; `fresh` are those that the commands write. `met` remembers
    which blocks were told of, so that of somebody who tries again and again one is told once.
    """

    limits: tuple[Limit, ...]
    windows: dict[LimitPer, Window]
    spent: Spent
    held: Sums
    met: set[tuple[int, int, datetime]]
    fresh: Sums = field(default_factory=Sums)
    _each: list[tuple[Limit, Sums, Window]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find out once what each limit counts: it is asked at every action."""
        used, windows = self.spent.used, self.windows
        self._each = [(limit, used[limit.per], windows[limit.per]) for limit in self.limits]

    def require_room(self, credits: int, who: Attribution, now: datetime) -> list[LimitMet]:
        """Raise `LimitReached` where a block has no room for so much; tell which alerts it crosses.

        The refusal says which limit it was, what is left of it and when it begins anew.
        """
        crossed = []
        for limit, used, window in self._each:
            subject = limit.subject_of(who)
            if subject is None:
                continue
            count = self._count(limit.who, subject, used)
            after = count + credits
            if after < limit.credits:
                continue
            if limit.effect is LimitEffect.ALERT:
                if count < limit.credits:
                    crossed.append(LimitMet(now, Standing(limit, subject, after, window)))
            elif after > limit.credits:
                raise reached(Standing(limit, subject, count, window), credits)
        return crossed

    def first_met(self, standing: Standing) -> bool:
        """Tell whether this block refuses for the first time in its window, as far as is known."""
        what = (standing.limit.id, standing.subject, standing.window.start)
        is_first = what not in self.met
        self.met.add(what)
        return is_first

    def _count(self, who: LimitWho, subject: int, used: Sums) -> int:
        fresh, held = self.fresh, self.held
        if who is LimitWho.ACCOUNT:
            return used.total + fresh.total + held.total
        return used.of(who, subject) + fresh.of(who, subject) + held.of(who, subject)


def reached(standing: Standing, needed: int) -> LimitReached:
    """Spell the refusal; names and who may raise it are for those to add who know them."""
    limit, _, count, window = standing
    left = max(0, limit.credits - count)
    what = {"who": limit.who.value, "per": limit.per.value, "credits": limit.credits}
    facts: dict[str, Any] = {
        "limit": {"id": reference("limit", limit.id), **what},
        "left": left,
        "needed": needed,
        "resets_at": window.end,
        "who_can_raise": [],
    }
    when = "at midnight UTC" if limit.per is LimitPer.DAY else "when the pool renews"
    refusal = LimitReached(
        f"{_whom(limit)} may use {_many(limit.credits)} a {limit.per}: {left:,} of them are left,"
        f" and this needs {needed:,}. It begins anew {when}; the owner can raise it before.",
        **facts,
    )
    refusal.standing = standing
    return refusal


def _many(credits: int) -> str:
    return f"{credits:,} credit{'' if credits == 1 else 's'}"


def _whom(limit: Limit) -> str:
    return {
        LimitWho.EACH_MEMBER: "Each member",
        LimitWho.MEMBER: "This member",
        LimitWho.APP: "This app",
        LimitWho.ACCOUNT: "All together",
    }[limit.who]
