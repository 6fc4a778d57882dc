"""VERB: bound what waits. What nobody could be told for too long is given up, and counted."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from app.store.database import current_engine, read_connection, write_connection
from app.store.outbox_backlog import Standing, give_up, newest_to_give_up, read_standings

KEPT = timedelta(days=90)
MOST_WAITING = 1_000_000
AT_ONCE = 5_000

log = logging.getLogger(__name__)


def bound_outbox(now: datetime, most: int = MOST_WAITING) -> int:
    """Give up what has waited for 90 days, and what is beyond the newest million per consumer."""
    with read_connection() as connection:
        standings = read_standings(connection)
    return sum(_bound(standing, now, most) for standing in standings)


def _bound(standing: Standing, now: datetime, most: int) -> int:
    until, lost = now - KEPT, 0
    if standing.waiting + standing.parked > most:
        with read_connection() as connection:
            beyond = newest_to_give_up(connection, standing.consumer, most)
        until = max(until, beyond or until)
    while gone := _give_up(standing.consumer, until, now):
        lost += gone
    if lost:
        log.error("%s never got %d events: they had waited too long.", standing.consumer, lost)
    return lost


def _give_up(consumer: str, until: datetime, now: datetime) -> int:
    with write_connection(current_engine()) as connection:
        return give_up(connection, consumer, until, AT_ONCE, now)
