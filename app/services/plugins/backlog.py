"""VERBS of the operator: see what plugins are still to be told, and tell again what was parked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.reference import numbers_of
from app.services.directory import View, looked_up
from app.services.outbox.wanted import PLUGIN
from app.services.plugins.event import EVENT, event_id
from app.store.database import current_engine, read_connection, write_connection
from app.store.outbox import Message
from app.store.outbox_backlog import (
    Loss,
    Standing,
    failed_messages,
    read_losses,
    read_standings,
    unpark,
)

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one plugin is still to be told. `oldest` is since when the first of it waits.

    `failing` of those that wait failed and are told again by themselves. `parked` failed too often
    and wait for the operator. `given_up` were never told, since they had waited for too long.
    """

    plugin: str
    waiting: int = 0
    oldest: datetime | None = None
    failing: int = 0
    parked: int = 0
    given_up: int = 0
    given_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that a plugin failed at. `parked_at` is None while it is told again by itself."""

    id: str
    hook: str
    account: str
    at: datetime
    attempts: int
    error: str
    parked_at: datetime | None


def backlogs() -> dict[str, Backlog]:
    """Tell what each plugin is still to be told, by name; who has no more to be told is absent."""
    with read_connection() as connection:
        standings = {one.consumer: one for one in read_standings(connection)}
        losses = read_losses(connection)
    names = sorted(standings.keys() | losses.keys())
    return {
        name.removeprefix(PLUGIN): _backlog(name, standings.get(name), losses.get(name))
        for name in names
        if name.startswith(PLUGIN)
    }


def parked_events(plugin: str, now: datetime, limit: int = MOST_SHOWN) -> list[FailedEvent]:
    """List the events that a plugin failed at too often, the oldest first."""
    return _failed(plugin, now, limit, parked=True)


def failing_events(plugin: str, now: datetime, limit: int = MOST_SHOWN) -> list[FailedEvent]:
    """List the events that a plugin failed at and is told again by itself, the oldest first."""
    return _failed(plugin, now, limit, parked=False)


def retry_parked(plugin: str, now: datetime, event: str | None = None) -> int:
    """Let a plugin be told parked events again, all or one by its id; returns how many there were.

    They come out of order: what happened after them was told meanwhile.
    """
    pair: tuple[int, int] | None = None
    if event is not None:
        pool, number = numbers_of(EVENT, event, 2)
        pair = pool, number
    with write_connection(current_engine()) as connection:
        return unpark(connection, PLUGIN + plugin, now, pair)


def _backlog(consumer: str, standing: Standing | None, loss: Loss | None) -> Backlog:
    return Backlog(
        plugin=consumer.removeprefix(PLUGIN),
        waiting=standing.waiting if standing else 0,
        oldest=standing.oldest if standing else None,
        failing=standing.failing if standing else 0,
        parked=standing.parked if standing else 0,
        given_up=loss.messages if loss else 0,
        given_up_at=loss.latest if loss else None,
    )


def _failed(plugin: str, now: datetime, limit: int, *, parked: bool) -> list[FailedEvent]:
    with read_connection() as connection:
        found = failed_messages(connection, PLUGIN + plugin, limit, parked=parked)
    return looked_up(lambda view: [_shown(view, message) for message in found], now)


def _shown(view: View, message: Message) -> FailedEvent:
    account = view.account_by_id(message.pool)
    return FailedEvent(
        id=event_id(message),
        hook=message.topic,
        account=account.slug if account else "",
        at=message.at,
        attempts=message.attempts,
        error=message.error or "",
        parked_at=message.parked_at,
    )
