"""VERB that reads: the statement of a cycle that ended: used by whom, carried over, expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.services.cycle.timeline import past_periods
from app.store.database import read_connection
from app.store.history import names_of_people
from app.store.used import used_by_members

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool of an account, as readers ask for it."""

    id: int
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a cycle used and lost, and what the next began with. `by` names who used most."""

    renewed_at: datetime
    renews_at: datetime
    granted: int
    carried: int
    used: int
    lost: int
    by: str


def statement_of(pool: int, renewed_at: datetime, now: datetime) -> Statement | None:
    """Tell of the cycle that ended at an instant; None when another plan began then."""
    periods = past_periods(Pool(pool), 2, now)
    if len(periods) < 2 or periods[0].starts_at != renewed_at:  # noqa: PLR2004 - old and new
        return None
    opened, ended = periods
    if opened.plan != ended.plan:
        return None
    return Statement(
        renewed_at=renewed_at,
        renews_at=opened.ends_at,
        granted=opened.granted,
        carried=opened.carried,
        used=ended.used,
        lost=ended.expired + opened.trimmed,
        by=_by(pool, ended.starts_at, ended.ends_at),
    )


def _by(pool: int, since: datetime, until: datetime) -> str:
    """Name who used most: `Bob 120, Carol 30 and 4 others 17`."""
    with read_connection() as connection:
        used = used_by_members(connection, pool, since, until)
        ranked = sorted(used.items(), key=lambda item: (-item[1], item[0]))
        ranked = [(member, credits) for member, credits in ranked if credits > 0]
        names = names_of_people(connection, [member for member, _ in ranked[:MOST_NAMES] if member])
    parts = [
        f"{names[member][1] if member in names else 'apps alone'} {credits:,}"
        for member, credits in ranked[:MOST_NAMES]
    ]
    others = ranked[MOST_NAMES:]
    if others:
        total = sum(credits for _, credits in others)
        parts.append(f"{len(others)} {'other' if len(others) == 1 else 'others'} {total:,}")
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
