"""VERBS: write what happened down for those who want to be told, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from app.domain.happening import Happening, SubscriptionMoved
from app.domain.pool import Pool
from app.services.audit.note import note
from app.services.outbox.topic import facts_of, instant_of, topic_of
from app.services.outbox.wanted import Wanted, wanted_by
from app.store.database import current_connection
from app.store.outbox import Message, lock_numbers, write_messages
from app.store.plugins import read_plugins
from app.store.webhooks import read_wishes


def messages_of(pools: Iterable[Pool], wanted: Wanted, now: datetime) -> list[Message]:
    """Spell what happened to locked pools for each consumer, numbered in order for each pool."""
    if not wanted:
        return []
    found: list[Message] = []
    for pool in pools:
        for happening in pool.happened:
            consumers = _consumers(wanted, pool.id, happening)
            if consumers:
                pool.event_count += 1
                found += _copies(pool.id, pool.event_count, happening, consumers, now)
    return found


def tell(account_id: int, happening: Happening, now: datetime) -> None:
    """Tell of something that happened to an account beside its pool, in a running transaction.

    If anybody wants to know, the account's pool is locked, so that all that is told of it stands
    in one order. What a command does while its pool is loaded goes to `pool.happened` instead.
    """
    if isinstance(happening, SubscriptionMoved):
        note("subscription.changed", account_id, now, after=facts_of(happening))
    connection = current_connection()
    wanted = wanted_by(read_plugins(connection), read_wishes(connection))
    consumers = _consumers(wanted, account_id, happening)
    if consumers:
        number = lock_numbers(connection, account_id, 1)
        messages = list(_copies(account_id, number, happening, consumers, now))
        write_messages(connection, messages)


def _consumers(wanted: Wanted, account_id: int, happening: Happening) -> list[str]:
    ears = wanted.get(topic_of(happening), ())
    return [ear.consumer for ear in ears if ear.hears(account_id)]


def _copies(
    pool: int, number: int, happening: Happening, consumers: Iterable[str], now: datetime
) -> Iterator[Message]:
    topic, at, facts = topic_of(happening), instant_of(happening), facts_of(happening)
    for consumer in consumers:
        yield Message(pool, consumer, number, topic.value, at, facts, now)
