"""What stands in the outbox: how much waits for whom, what is parked, and what was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.outbox import LANES, MESSAGES, LossRow, Message

_MESSAGES, _LANES = MESSAGES.c, LANES.c


class Standing(NamedTuple):
    """How much of one consumer's waits, since when, and how much of it failed or is parked."""

    consumer: str
    waiting: int
    oldest: datetime | None
    failing: int
    parked: int


class Loss(NamedTuple):
    """How many messages a consumer never got, and when the latest were given up."""

    messages: int
    latest: datetime


def read_standings(connection: Connection) -> list[Standing]:
    """Count what stands in the outbox for each consumer that it has something for."""
    waits = _MESSAGES.parked_at.is_(None)
    statement = select(
        _MESSAGES.consumer,
        func.count().filter(waits),
        func.min(_MESSAGES.created_at).filter(waits),
        func.count().filter(waits, _MESSAGES.attempts > 0),
        func.count().filter(~waits),
    )
    rows = connection.execute(statement.group_by(_MESSAGES.consumer))
    return [Standing(*row) for row in rows]


def read_losses(connection: Connection) -> dict[str, Loss]:
    """Read what was given up, by consumer."""
    rows = connection.execute(select(LossRow.consumer, LossRow.messages, LossRow.latest))
    return {consumer: Loss(messages, latest) for consumer, messages, latest in rows}


def failed_messages(
    connection: Connection, consumer: str, limit: int, *, parked: bool
) -> list[Message]:
    """List messages that failed, the oldest first: those that are parked, or those tried again."""
    stands = _MESSAGES.parked_at.is_not(None) if parked else _MESSAGES.parked_at.is_(None)
    mine = and_(_MESSAGES.consumer == consumer, stands, _MESSAGES.attempts > 0)
    in_order = (_MESSAGES.created_at, _MESSAGES.pool, _MESSAGES.number)
    rows = connection.execute(select(MESSAGES).where(mine).order_by(*in_order).limit(limit))
    return [Message(*row) for row in rows]


def unpark(
    connection: Connection, consumer: str, now: datetime, event: tuple[int, int] | None = None
) -> int:
    """Let parked messages (one by pool and number, or all) wait again; returns how many.

    Lanes of theirs that nobody has taken are due at once.
    """
    mine = and_(_MESSAGES.consumer == consumer, _MESSAGES.parked_at.is_not(None))
    if event is not None:
        mine = and_(mine, tuple_(_MESSAGES.pool, _MESSAGES.number) == event)
    waiting = update(MESSAGES).where(mine).values(parked_at=None, attempts=0)
    found = connection.execute(waiting.returning(_MESSAGES.pool, _MESSAGES.number)).all()
    pools = dict(sorted((row[0], row[1]) for row in found))
    if pools:
        _let_lanes_be(connection, consumer, pools, now)
    return len(found)


def _let_lanes_be(
    connection: Connection, consumer: str, pools: dict[int, int], now: datetime
) -> None:
    """Begin lanes; in one that is there `turn` rises, so that nobody gives it up as empty."""
    rows = [
        {
            "pool": pool,
            "consumer": consumer,
            "last": number,
            "turn": 0,
            "taken": False,
            "due_at": now,
        }
        for pool, number in pools.items()
    ]
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(LANES).on_conflict_do_update(
        index_elements=[_LANES.pool, _LANES.consumer],
        set_={"turn": _LANES.turn + 1, "due_at": case((_LANES.taken, _LANES.due_at), else_=now)},
    )
    connection.execute(made, rows)


def newest_to_give_up(connection: Connection, consumer: str, most: int) -> datetime | None:
    """When the last message beyond the `most` newest ones of a consumer was written."""
    mine = select(_MESSAGES.created_at).where(_MESSAGES.consumer == consumer)
    found: datetime | None = connection.scalar(
        mine.order_by(_MESSAGES.created_at.desc()).offset(most).limit(1)
    )
    return found


def give_up(
    connection: Connection, consumer: str, until: datetime, limit: int, now: datetime
) -> int:
    """Forget so many of a consumer's messages written until then, and count them as lost."""
    mine = and_(_MESSAGES.consumer == consumer, _MESSAGES.created_at <= until)
    old = select(_MESSAGES.pool, _MESSAGES.number).where(mine).limit(limit)
    these = and_(mine, tuple_(_MESSAGES.pool, _MESSAGES.number).in_(old))
    gone = connection.execute(delete(MESSAGES).where(these)).rowcount
    if gone:
        _count_loss(connection, consumer, gone, now)
    return gone


def _count_loss(connection: Connection, consumer: str, messages: int, now: datetime) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    lost = {"consumer": consumer, "messages": messages, "latest": now}
    counted = {"messages": LossRow.messages + messages, "latest": now}
    made = dialect.insert(LossRow).values(**lost)
    connection.execute(made.on_conflict_do_update(index_elements=["consumer"], set_=counted))
