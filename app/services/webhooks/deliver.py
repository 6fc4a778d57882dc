"""VERB: bring what waits to the endpoints, many at once, so that a slow one delays nobody.

Each endpoint is served by one thread of one process at a time, the oldest event first. Only the
sending happens in threads; who serves is agreed upon in the database and noted after each attempt.
If the process dies in between, the event is sent again under the same id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.webhook import Attempt
from app.services.fetch_safely import SafeFetch
from app.services.sealing import SealBroken
from app.services.webhooks.record import give_back, record
from app.services.webhooks.secrets import keys_of
from app.services.webhooks.send import Parcel, send
from app.store.database import read_connection, transaction
from app.store.webhook_deliveries import NextDelivery, next_delivery
from app.store.webhooks import DueWebhook, due_webhooks, take_webhook

SLOTS = 32
SLOTS_PER_ACCOUNT = 4
# Those that failed last may be slow again: they get half of the slots, and none late in a round,
# which would hold the next one up.
SLOTS_FOR_FAILING = 16
SEEN_AT_ONCE = 200
ROUND = timedelta(seconds=20)
LATE = timedelta(seconds=4)
TURN = timedelta(seconds=5)
GLANCE_SECONDS = 0.2
# Far longer than an attempt takes: only who died gives an endpoint away.
LEASE = timedelta(seconds=60)

Clock = Callable[[], datetime]


@dataclass(slots=True)
class _Served:
    """An endpoint that is served, and until when it is its turn."""

    due: DueWebhook
    turn: int
    until: datetime


@dataclass(slots=True)
class _Round:
    """What one round has under way."""

    fetch: SafeFetch
    clock: Clock
    pool: ThreadPoolExecutor
    began: datetime
    under_way: dict[Future[Attempt], tuple[_Served, Parcel]] = field(default_factory=dict)
    arrived: int = 0


def deliver_webhooks(fetch: SafeFetch, clock: Clock) -> int:
    """Send what is due, for less than a minute; returns how many events arrived."""
    if not _due(clock(), 1):
        return 0
    with ThreadPoolExecutor(SLOTS, "webhook") as pool:
        present = _Round(fetch, clock, pool, clock())
        while _take_more(present) or present.under_way:
            done, _ = wait(present.under_way, GLANCE_SECONDS, FIRST_COMPLETED)
            for each in done:
                served, parcel = present.under_way.pop(each)
                _note(present, served, parcel, each.result())
    return present.arrived


def _take_more(present: _Round) -> bool:
    """Take endpoints that are due as long as there are slots and time for them."""
    now = present.clock()
    if now - present.began >= ROUND:
        return False
    taken = False
    for due in _due(now, SEEN_AT_ONCE):
        if _has_slot(present, due, now):
            taken = _take(present, due, now) or taken
    return taken


def _has_slot(present: _Round, due: DueWebhook, now: datetime) -> bool:
    served = [each.due for each, _ in present.under_way.values()]
    accounts = Counter(each.account_id for each in served)
    if due.failures:
        late = now - present.began >= LATE
        if late or sum(each.failures > 0 for each in served) >= SLOTS_FOR_FAILING:
            return False
    return len(served) < SLOTS and accounts[due.account_id] < SLOTS_PER_ACCOUNT


def _take(present: _Round, due: DueWebhook, now: datetime) -> bool:
    with transaction():
        if not take_webhook(due.id, due.turn, now + LEASE):
            return False
    _go_on(present, _Served(due, due.turn + 1, now + TURN))
    return True


def _go_on(present: _Round, served: _Served) -> None:
    """Send an endpoint's next event; when nothing is due it is given back."""
    now = present.clock()
    parcel = _next_parcel(served, now)
    if parcel is not None:
        sent = present.pool.submit(send, parcel, present.fetch, now)
        present.under_way[sent] = (served, parcel)


def _next_parcel(served: _Served, now: datetime) -> Parcel | None:
    with read_connection() as connection:
        found = next_delivery(connection, served.due.id, served.turn, now)
    if found is None:
        give_back(served.due.id, served.turn, now)
        return None
    at = (found.webhook_id, found.delivery_id, found.url, found.event, found.body)
    return Parcel(*at, _keys(found, now))


def _keys(found: NextDelivery, now: datetime) -> list[str] | None:
    try:
        return keys_of(found, now)
    except SealBroken:
        return None


def _due(now: datetime, limit: int) -> list[DueWebhook]:
    with read_connection() as connection:
        return due_webhooks(connection, now, limit)


def _note(present: _Round, served: _Served, parcel: Parcel, attempt: Attempt) -> None:
    now = present.clock()
    at = (parcel.webhook_id, parcel.delivery_id)
    present.arrived += attempt.arrived
    if not record(*at, attempt, now, served.turn, now + LEASE):
        return
    if now < served.until and now - present.began < ROUND:
        _go_on(present, served)
    else:
        give_back(parcel.webhook_id, served.turn, now)
