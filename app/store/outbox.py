"""The outbox: what consumers are still to be told, written in the transaction of what happened.

A message is one consumer's copy of one event. A lane is what one consumer is to be told about
one pool, in order: it exists while something waits, and whoever takes it for a while is alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    String,
    Table,
    and_,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.store import bulk
from app.store.database import Base, Instant
from app.store.pools import POOLS, Json

LONGEST_ERROR = 500
PARKED = text("parked_at IS NOT NULL")


class MessageRow(Base):
    """One event for one consumer. Those of a pool have numbers that rise in order.

    It is deleted when it was told. `at` is when it happened, `created_at` when it was written.
    One that failed too often is parked: the next ones go on without it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_parked",
            "consumer",
            "parked_at",
            sqlite_where=PARKED,
            postgresql_where=PARKED,
        ),
    )

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    consumer: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Instant)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))
    parked_at: Mapped[datetime | None] = mapped_column(Instant)


class LaneRow(Base):
    """What waits for one consumer about one pool, up to the number `last`.

    It may be taken from `due_at` on; `turn` counts how often it was, so that who comes back late
    is known. One that is found `taken` then was never given back: whoever had it died.
    """

    __tablename__ = "outbox_lanes"
    __table_args__ = (Index("ix_outbox_lanes_due", "consumer", "due_at"),)

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    consumer: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
    turn: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[bool]
    due_at: Mapped[datetime] = mapped_column(Instant)


class LossRow(Base):
    """How many messages a consumer never got, because they had waited for too long."""

    __tablename__ = "outbox_losses"

    consumer: Mapped[str] = mapped_column(String(60), primary_key=True)
    messages: Mapped[int] = mapped_column(BigInteger)
    latest: Mapped[datetime] = mapped_column(Instant)


MESSAGES, LANES = (cast("Table", row.__table__) for row in (MessageRow, LaneRow))
_MESSAGES, _LANES = MESSAGES.c, LANES.c


class Message(NamedTuple):
    """One message, in the order of the table's columns."""

    pool: int
    consumer: str
    number: int
    topic: str
    at: datetime
    facts: dict[str, Any]
    created_at: datetime
    attempts: int = 0
    error: str | None = None
    parked_at: datetime | None = None


class Lane(NamedTuple):
    """A lane that is taken, as it was then; `is_suspect` if who had it before died with it."""

    pool: int
    last: int
    turn: int
    is_suspect: bool


def write_messages(connection: Connection, messages: Sequence[Message]) -> None:
    """Write messages of pools that this transaction has locked, and let their lanes be."""
    if not messages:
        return
    bulk.insert(connection, MESSAGES, messages)
    lanes = {
        (one.pool, one.consumer): (one.pool, one.consumer, one.number, 0, False, one.created_at)
        for one in messages
    }
    # A lane that is there is touched, so that nobody can give it up as empty meanwhile.
    bulk.upsert(connection, LANES, [lanes[key] for key in sorted(lanes)], only=("last",))


def lock_numbers(connection: Connection, pool: int, count: int) -> int:
    """Give so many events of a pool their numbers and lock the pool; returns the last of them."""
    statement = update(POOLS).where(POOLS.c.id == pool)
    given = statement.values(event_count=POOLS.c.event_count + count)
    last: int = connection.scalars(given.returning(POOLS.c.event_count)).one()
    return last


def due_lanes(connection: Connection, consumer: str, now: datetime, limit: int) -> list[int]:
    """List the pools of which a consumer may be told something, the longest due first."""
    statement = select(_LANES.pool).where(_LANES.consumer == consumer, _LANES.due_at <= now)
    return list(connection.scalars(statement.order_by(_LANES.due_at, _LANES.pool).limit(limit)))


def take_lanes(
    connection: Connection, consumer: str, pools: Sequence[int], now: datetime, until: datetime
) -> list[Lane]:
    """Take those of these lanes that are still due; nobody else can until that instant.

    They are locked in the order in which those who write lock them.
    """
    mine = and_(_LANES.consumer == consumer, _LANES.pool.in_(pools), _LANES.due_at <= now)
    due = select(_LANES.pool, _LANES.last, _LANES.turn + 1, _LANES.taken).where(mine)
    found = connection.execute(due.order_by(_LANES.pool).with_for_update()).all()
    if found:
        these = and_(_LANES.consumer == consumer, _LANES.pool.in_([row[0] for row in found]))
        taken = {"turn": _LANES.turn + 1, "taken": True, "due_at": until}
        connection.execute(update(LANES).where(these).values(**taken))
    return [Lane(*row) for row in found]


def waiting_messages(connection: Connection, consumer: str, pool: int, limit: int) -> list[Message]:
    """List what a consumer is to be told next about a pool, in order."""
    statement = (
        select(MESSAGES)
        .where(_MESSAGES.pool == pool, _MESSAGES.consumer == consumer)
        .where(_MESSAGES.parked_at.is_(None))
        .order_by(_MESSAGES.number)
        .limit(limit)
    )
    return [Message(*row) for row in connection.execute(statement)]


def delete_messages(
    connection: Connection, consumer: str, pool: int, numbers: Iterable[int]
) -> None:
    """Forget messages that were told."""
    connection.execute(delete(MESSAGES).where(_these(consumer, pool, numbers)))


def note_failure(
    connection: Connection, message: Message, error: str, parked_at: datetime | None = None
) -> None:
    """Count a failed attempt; with `parked_at` it was the last."""
    failed = {
        "attempts": message.attempts + 1,
        "error": error[:LONGEST_ERROR],
        "parked_at": parked_at,
    }
    one = _these(message.consumer, message.pool, [message.number])
    connection.execute(update(MESSAGES).where(one).values(**failed))


def give_lane_back(connection: Connection, consumer: str, lane: Lane, due_at: datetime) -> None:
    """Let a lane be taken again from that instant on, unless somebody else took it meanwhile."""
    given_back = update(LANES).where(_as_taken(consumer, lane))
    connection.execute(given_back.values(taken=False, due_at=due_at))


def end_lane(connection: Connection, consumer: str, lane: Lane, now: datetime) -> None:
    """Let a lane end of which all was told; it goes on if more was written meanwhile."""
    empty = delete(LANES).where(_as_taken(consumer, lane), _LANES.last == lane.last)
    if not connection.execute(empty).rowcount:
        give_lane_back(connection, consumer, lane, now)


def _as_taken(consumer: str, lane: Lane) -> Any:  # noqa: ANN401 - a SQL expression
    mine = and_(_LANES.consumer == consumer, _LANES.pool == lane.pool)
    return and_(mine, _LANES.turn == lane.turn)


def _these(consumer: str, pool: int, numbers: Iterable[int]) -> Any:  # noqa: ANN401
    mine = and_(_MESSAGES.pool == pool, _MESSAGES.consumer == consumer)
    return and_(mine, _MESSAGES.number.in_(list(numbers)))
