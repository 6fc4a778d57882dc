"""VERB that reads: who or what used a pool in a range of days, compared with another range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.domain.proportion import Crowd, out_of_proportion
from app.domain.reference import reference
from app.domain.refusals import NotFound
from app.services.credits.read import HasPool, app_number, member_number
from app.services.usage.ranges import Days
from app.store.database import read_connection
from app.store.history import UsageBy, names_of_apps, names_of_people
from app.store.usage_reading import Ranked, Wanted, daily, rank, span, total, used_by_each

NONE = "none"
NAMELESS = {UsageBy.MEMBER: "No member", UsageBy.APP: "No app", UsageBy.ACTION: "No action"}
SAMPLED = 3


@dataclass(frozen=True, slots=True)
class Used:
    """What one member, app or action used. `key` is how histories are filtered by it.

    `detail` is a member's address. `before` is what they used in the days that are compared.
    """

    key: str
    name: str
    detail: str
    credits: int
    count: int
    share: float
    before: int | None
    place: int


@dataclass(frozen=True, slots=True)
class StandsOut:
    """A member who used much more than the others; shares are between 0 and 1."""

    key: str
    name: str
    credits: int
    share: float
    others: int
    others_share: float


@dataclass(frozen=True, slots=True)
class Report:
    """Some rows `of` all, the most first; totals are of all, whatever is sought."""

    rows: list[Used]
    of: int
    credits: int
    count: int
    before: int | None
    stand_out: list[StandsOut]


def report(
    account: HasPool,
    by: str,
    days: Days,
    before: Days | None = None,
    *,
    first: int = 1,
    most: int | None = None,
    text: str = "",
) -> Report:
    """Rank members, apps or actions by what they used, from place `first` on, `most` of them."""
    kind = UsageBy(by)
    is_sampled = kind is UsageBy.MEMBER and first == 1 and not text
    wanted = Wanted(first, most, text, sample=is_sampled)
    with read_connection(snapshot=True) as connection:
        where = span(connection, account.id, days.since, days.until)
        found = rank(connection, where, kind, wanted)
        shown = found if most is None else [row for row in found if row.place < first + most]
        credits, count = total(connection, where)
        earlier, past = None, {}
        if before is not None:
            then = span(connection, account.id, before.since, before.until)
            earlier = total(connection, then)[0]
            past = used_by_each(connection, then, kind, _asked(shown, most))
        names = names_of(connection, kind, [row.key for row in shown])
    rows = [
        Used(
            *names[row.key],
            row.credits,
            row.deductions,
            row.credits / credits if credits else 0.0,
            past.get(row.key, (0, 0))[0] if before is not None else None,
            row.place,
        )
        for row in shown
    ]
    stand_out = _stand_out(rows, found, credits) if is_sampled else []
    return Report(rows, found[0].of if found else 0, credits, count, earlier, stand_out)


def number_of(by: str, key: str, now: datetime) -> int | str | None:
    """The number that stands for a member or app in sums, an action itself; None for a stranger."""
    if by == UsageBy.ACTION:
        return key
    if by == UsageBy.MEMBER:
        return member_number(key, now)
    try:
        return app_number(key)
    except NotFound:
        return None


def used_by_one(
    account: HasPool, by: str, number: int | str, since: date | None, until: date | None
) -> tuple[int, int]:
    """Credits and number of actions of one member, app (by id, 0 is none) or action."""
    with read_connection(snapshot=True) as connection:
        where = span(connection, account.id, since, until)
        found = used_by_each(connection, where, UsageBy(by), [number])
    return found.get(number, (0, 0))


def used_by_all(account: HasPool, since: date | None, until: date | None) -> tuple[int, int]:
    """Credits and number of actions of all together."""
    with read_connection(snapshot=True) as connection:
        return total(connection, span(connection, account.id, since, until))


def used_daily(account: HasPool, days: Days) -> dict[date, tuple[int, int]]:
    """Credits and number of actions of each day on which something was used."""
    with read_connection(snapshot=True) as connection:
        return daily(connection, account.id, days.since, days.until)


def _asked(shown: Sequence[Ranked], most: int | None) -> list[int | str] | None:
    """Whose earlier use to read; all when all are shown."""
    return None if most is None else [row.key for row in shown]


def _stand_out(rows: Sequence[Used], found: Sequence[Ranked], credits: int) -> list[StandsOut]:
    users = [row for row in found if row.credits > 0]
    if not users:
        return []
    crowd = Crowd(users[0].of, credits, [row.credits for row in users])
    people = {row.place: row for row in rows if row.key != NONE}
    most = [(place, row.credits) for place, row in list(people.items())[:SAMPLED]]
    return [
        StandsOut(people[flag.who].key, people[flag.who].name, *_numbers(flag))
        for flag in out_of_proportion(most, crowd)
    ]


def _numbers(flag: Any) -> tuple[int, float, int, float]:  # noqa: ANN401 - a Flag of any key
    return flag.credits, flag.share, flag.others, flag.others_share


def names_of(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    by: UsageBy,
    keys: Sequence[int | str],
) -> dict[int | str, tuple[str, str, str]]:
    """How each is spelled in addresses, its name, and the address of a member."""
    nameless = NONE, NAMELESS[by], ""
    if by is UsageBy.ACTION:
        return {key: (str(key), str(key), "") if key else nameless for key in keys}
    ids = [int(key) for key in keys if key]
    if by is UsageBy.MEMBER:
        people = names_of_people(connection, ids)
        named = {i: (email, name, email) for i, (email, name) in people.items()}
    else:
        apps = names_of_apps(connection, ids)
        named = {i: (reference("app", i), name, "") for i, name in apps.items()}
    return {key: named.get(int(key), nameless) for key in keys}
