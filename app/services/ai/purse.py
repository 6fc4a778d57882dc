"""VERBS: set what a key or a site may do, and hold its calls to that, on any number of processes.

A call with terms is judged twice: before its credits are held, without waiting for anybody, so that
one that is over its budget does not even touch the pool; and after, with the purse locked. What
counts is what was captured in the window and what is held by calls that began in it.
"""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any

from app.domain.ai_terms import BudgetPer, Terms, window_of
from app.domain.period import Period
from app.domain.refusals import LimitReached, RateLimited
from app.store.ai_purses import (
    EMPTY,
    OpenCall,
    Purse,
    add_open,
    drop_open,
    drop_timed_out,
    lock_purse,
    move_open,
    read_cycle,
    read_open,
    read_purse,
    write_purse,
)
from app.store.database import current_engine, read_connection, write_connection

A_MINUTE = timedelta(minutes=1)
SPANS = {BudgetPer.DAY: "a day", BudgetPer.CYCLE: "a cycle", BudgetPer.TOTAL: "in all"}


def subject_of_key(token_id: int) -> str:
    """How a key is named among those that have terms."""
    return f"key:{token_id}"


def look_for_room(subject: str, terms: Terms, pool: int, credits: int, now: datetime) -> None:
    """Raise `LimitReached` or `RateLimited` if a call of so many credits can't be begun."""
    with read_connection() as connection:
        window = window_of(terms.per, now, read_cycle(connection, pool, now))
        purse = _turned(read_purse(connection, subject), window, now)
        _judge(connection, subject, terms, purse, window, credits, now)


def begin_call(
    subject: str, terms: Terms, hold: tuple[int, int], credits: int, now: datetime, until: datetime
) -> int:
    """Count a call whose credits are held, and return its number; or raise as above."""
    pool, number = hold
    with write_connection(current_engine()) as connection:
        window = window_of(terms.per, now, read_cycle(connection, pool, now))
        purse = _turned(lock_purse(connection, subject), window, now)
        late = drop_timed_out(connection, subject, purse.since, now)
        purse = purse._replace(used=purse.used + late)
        _judge(connection, subject, terms, purse, window, credits, now)
        write_purse(connection, subject, purse._replace(minute_calls=purse.minute_calls + 1))
        call = OpenCall(subject, pool, number, credits, purse.since, until)
        return add_open(connection, call)


def prolong_call(number: int, until: datetime) -> None:
    """The call takes longer."""
    with write_connection(current_engine()) as connection:
        move_open(connection, number, until)


def end_call(subject: str, number: int, captured: int) -> None:
    """The call is over and cost so much; it counts in the window in which it began."""
    with write_connection(current_engine()) as connection:
        purse = lock_purse(connection, subject)
        since = drop_open(connection, number)
        if since == purse.since and captured:
            write_purse(connection, subject, purse._replace(used=purse.used + captured))


def spent_in_window(subject: str, terms: Terms, pool: int, now: datetime) -> int:
    """What counts against the budget now: what was used in the window, and what is held."""
    with read_connection() as connection:
        window = window_of(terms.per, now, read_cycle(connection, pool, now))
        purse = _turned(read_purse(connection, subject), window, now)
        return purse.used + read_open(connection, subject, purse.since, now).credits


def _turned(purse: Purse, window: Period, now: datetime) -> Purse:
    """The purse as it is at `now`: a new window or minute begins with nothing."""
    if purse.since != window.start:
        purse = purse._replace(since=window.start, used=EMPTY.used)
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    return purse if purse.minute == minute else purse._replace(minute=minute, minute_calls=0)


def _judge(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    subject: str,
    terms: Terms,
    purse: Purse,
    window: Period,
    credits: int,
    now: datetime,
) -> None:
    if terms.calls_per_minute is not None and purse.minute_calls >= terms.calls_per_minute:
        wait = (purse.minute + A_MINUTE - now).total_seconds()
        raise RateLimited(max(1, round(wait)), "This key may call no more in this minute.")
    is_open = read_open(connection, subject, purse.since, now)
    if terms.calls_at_once is not None and is_open.calls >= terms.calls_at_once:
        raise RateLimited(1, f"This key may have {terms.calls_at_once} calls at once, and has.")
    if terms.budget is not None:
        left = terms.budget - purse.used - is_open.credits
        if credits > left:
            raise _over_budget(terms, max(0, left), credits, window)


def _over_budget(terms: Terms, left: int, needed: int, window: Period) -> LimitReached:
    ends = None if window.end.year == MAXYEAR else window.end
    return LimitReached(
        f"This key's budget is {terms.budget:,} credits {SPANS[terms.per]}: {left:,} are left and"
        f" this needs {needed:,}.",
        limit={"who": "key", "per": terms.per.value, "credits": terms.budget},
        left=left,
        needed=needed,
        resets_at=ends,
    )
