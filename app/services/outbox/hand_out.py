"""VERB: tell a consumer what waits for it. Any number of processes may do it at once.

Whoever takes a lane for a while is the only one to tell this consumer of this pool, so that the
order holds. Telling happens outside any transaction, and what was told is deleted after it: if
the process dies in between it is told again, and nothing is lost. What kills the process is found
by telling one message at a time, counted before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.retelling import MOST_TELLINGS, wait_before_telling_again
from app.services.outbox.consumer import Consumer
from app.store.database import current_engine, read_connection, write_connection
from app.store.outbox import (
    Lane,
    Message,
    delete_messages,
    due_lanes,
    end_lane,
    give_lane_back,
    note_failure,
    take_lanes,
    waiting_messages,
)

LANES_AT_ONCE = 20
MESSAGES_AT_ONCE = 50
ROUND = timedelta(seconds=5)
# Far longer than a round and the last call of it take: only who died or slept gives a lane away.
LEASE = timedelta(seconds=60)
DIED = "The process ended while it was told."

Clock = Callable[[], datetime]


@dataclass(slots=True)
class _Told:
    """What came of a lane: the numbers that were told, where it failed, if more waits."""

    lane: Lane
    numbers: list[int] = field(default_factory=list)
    failed: Message | None = None
    error: str = ""
    more: bool = True


def hand_out(consumer: Consumer, clock: Clock) -> int:
    """Tell what is due, for at most a round's time; returns how many messages were told."""
    until, count = clock() + ROUND, 0
    while clock() < until and consumer.listens(clock()):
        lanes = _take(consumer.name, clock())
        if not lanes:
            break
        told = [_tell(consumer, lane, clock, until) for lane in lanes]
        _note(consumer.name, told, clock())
        count += sum(len(one.numbers) for one in told)
    return count


def _take(consumer: str, now: datetime) -> list[Lane]:
    with read_connection() as connection:
        pools = due_lanes(connection, consumer, now, LANES_AT_ONCE)
    if not pools:
        return []
    with write_connection(current_engine()) as connection:
        return take_lanes(connection, consumer, pools, now, now + LEASE)


def _tell(consumer: Consumer, lane: Lane, clock: Clock, until: datetime) -> _Told:
    told = _Told(lane)
    if clock() >= until:
        return told
    limit = 1 if lane.is_suspect else MESSAGES_AT_ONCE
    with read_connection() as connection:
        waiting = waiting_messages(connection, consumer.name, lane.pool, limit)
    for message in waiting:
        if clock() >= until or not consumer.listens(clock()):
            return told
        error = _died(message) if lane.is_suspect else None
        error = error or _error_of(consumer, message, clock())
        if error is not None:
            told.failed, told.error = message, error
            return told
        told.numbers.append(message.number)
    told.more = len(waiting) == limit
    return told


def _died(message: Message) -> str | None:
    """Count an attempt before it is made; one that was fatal too often is not made any more."""
    if message.attempts >= MOST_TELLINGS:
        return DIED
    with write_connection(current_engine()) as connection:
        note_failure(connection, message, DIED)
    return None


def _error_of(consumer: Consumer, message: Message, now: datetime) -> str | None:
    try:
        return consumer.take(message, now)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, it is told again
        return f"{type(error).__name__}: {error}"


def _note(consumer: str, told: Sequence[_Told], now: datetime) -> None:
    """Note what came of lanes, in the order in which those who write lock them."""
    with write_connection(current_engine()) as connection:
        for one in told:
            if one.numbers:
                delete_messages(connection, consumer, one.lane.pool, one.numbers)
            due_at = now
            if one.failed is not None:
                wait = wait_before_telling_again(one.failed.attempts + 1)
                note_failure(connection, one.failed, one.error, None if wait else now)
                due_at = now + (wait or timedelta())
            if one.more:
                give_lane_back(connection, consumer, one.lane, due_at)
            else:
                end_lane(connection, consumer, one.lane, now)
