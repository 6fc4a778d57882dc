"""Group commit: those who wait in the same lane are committed together.

Whoever finds nobody at work leads: it takes all that wait, commits them in one transaction,
hands each its own answer after the durable commit, and passes the lead on. A lone caller goes
straight through. A pool always has the same lane, and a lane serves many pools: so a hot pool is
gathered, and so are a thousand pools with one caller each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from app.services.credits.post import Entry, Result
from app.store.database import OutcomeUnknown

Results = dict[int, list[Result]]
Commit = Callable[[Mapping[int, Sequence[Entry]], datetime], Results]

MOST_ENTRIES = 1_000


@dataclass(slots=True, eq=False)
class Ticket:
    """One caller who waits; `woken` opens when it is served, or when it is to lead."""

    pool: int
    entries: Sequence[Entry]
    now: datetime
    results: list[Result] | None = None
    error: Exception | None = None
    woken: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """A ticket begins asleep."""
        self.woken.acquire()

    def is_served(self) -> bool:
        """Tell whether there is an answer, or the reason why there is none."""
        return self.results is not None or self.error is not None


class GroupCommit:
    """The lanes of one process. `commit` is durable when it returns."""

    def __init__(self, commit: Commit, *, lanes: int) -> None:
        self._commit = commit
        self._count = lanes
        self._mutex = Lock()
        self._lanes: dict[int, deque[Ticket]] = {}

    def submit(self, pool: int, entries: Sequence[Entry], now: datetime) -> list[Result]:
        """Wait until these entries are committed, and return their results in order."""
        lane = pool % self._count
        ticket = Ticket(pool, entries, now)
        with self._mutex:
            waiting = self._lanes.get(lane)
            leads = waiting is None
            if waiting is None:
                waiting = self._lanes[lane] = deque()
            waiting.append(ticket)
        if not leads:
            ticket.woken.acquire()
        if not ticket.is_served():
            self._lead(lane, waiting)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.results is not None
        return ticket.results

    def _lead(self, lane: int, waiting: deque[Ticket]) -> None:
        with self._mutex:
            batch = _take(waiting)
        try:
            self._serve(batch)
        finally:
            _leave_nobody(batch)
            with self._mutex:
                heir = waiting[0] if waiting else None
                if heir is None:
                    del self._lanes[lane]
            for ticket in batch:
                ticket.woken.release()
            if heir is not None:
                heir.woken.release()

    def _serve(self, batch: Sequence[Ticket]) -> None:
        """Commit a batch; if that breaks, each alone, so that a bad entry breaks only itself.

        Not after a commit that may be in effect: what has no key would be done twice.
        """
        try:
            self._commit_together(batch)
        except OutcomeUnknown as error:
            for ticket in batch:
                ticket.error = error
        except Exception as error:  # noqa: BLE001 - it is handed to the caller it belongs to
            if len(batch) == 1:
                batch[0].error = error
                return
            for ticket in batch:
                self._serve([ticket])

    def _commit_together(self, batch: Sequence[Ticket]) -> None:
        entries: dict[int, list[Entry]] = {}
        for ticket in batch:
            entries.setdefault(ticket.pool, []).extend(ticket.entries)
        results = self._commit(entries, max(ticket.now for ticket in batch))
        served = dict.fromkeys(entries, 0)
        for ticket in batch:
            first = served[ticket.pool]
            served[ticket.pool] = last = first + len(ticket.entries)
            ticket.results = results[ticket.pool][first:last]


def _leave_nobody(batch: Sequence[Ticket]) -> None:
    """A leader that is interrupted owes the others a word."""
    for ticket in batch:
        if not ticket.is_served():
            ticket.error = OutcomeUnknown("The thread that committed this was interrupted.")


def _take(waiting: deque[Ticket]) -> list[Ticket]:
    """Take tickets in the order of arrival, up to a bound on one transaction's size."""
    batch = [waiting.popleft()]
    size = len(batch[0].entries)
    while waiting and size + len(waiting[0].entries) <= MOST_ENTRIES:
        batch.append(waiting.popleft())
        size += len(batch[-1].entries)
    return batch
