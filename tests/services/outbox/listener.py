"""A consumer for tests, and messages for it, written as the money path writes them."""

from datetime import timedelta

from app.services.outbox.hand_out import hand_out
from app.store.database import current_engine, write_connection
from app.store.outbox import LANES, MESSAGES, Message, lock_numbers, write_messages
from tests.conftest import START

NAME = "listener"


class Listener:
    """Takes messages down as (pool, number); fails at those that it is told to fail at."""

    name = NAME

    def __init__(self, fails=(), on_take=lambda _: None):
        self.heard, self.fails, self.on_take, self.deaf = [], set(fails), on_take, False

    def listens(self, now):
        return not self.deaf

    def take(self, message, now):
        self.on_take(message)
        if (message.pool, message.number) in self.fails:
            return "It did not like it."
        self.heard.append((message.pool, message.number))
        return None


def write(pool, count, *, consumer=NAME, at=START):
    """Write so many messages about a pool, under its lock."""
    with write_connection(current_engine()) as connection:
        last = lock_numbers(connection, pool, count)
        numbers = range(last - count + 1, last + 1)
        facts = {"available": 3}
        write_messages(
            connection, [Message(pool, consumer, n, "credits_low", at, facts, at) for n in numbers]
        )


def told(listener, now=START, **span):
    """Tell what is due then; returns what was heard by that."""
    before = len(listener.heard)
    hand_out(listener, lambda: now + timedelta(**span))
    return listener.heard[before:]


def rows(table):
    """What stands in a table of the outbox."""
    with current_engine().connect() as connection:
        return connection.execute(table.select().order_by(*table.primary_key)).all()


def messages():
    """The messages that wait or are parked: number, attempts, parked or not."""
    return [(row.number, row.attempts, row.parked_at is not None) for row in rows(MESSAGES)]


def lanes():
    """The lanes: pool, taken or not."""
    return [(row.pool, row.taken) for row in rows(LANES)]
