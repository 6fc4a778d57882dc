"""VERB: close everything that is due, and keep a record of the run that can be watched.

Only runs that had something to do are recorded. Progress is counted in the transaction of each
chunk, so that a run which is killed tells how far it came; the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.trigger import Trigger
from app.services.audit.note import note as audit
from app.services.credits.due import count_due_pools
from app.services.credits.settle import settled_chunks
from app.store import cycle_runs
from app.store.database import current_engine, write_connection

LONGEST_ERROR = 500


@dataclass(slots=True)
class Run:
    """How far a run came. `number` is None while there was nothing to do."""

    at: datetime
    due: int = 0
    settled: int = 0
    number: int | None = None
    failures: list[tuple[int, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many pools were dealt with, well or badly."""
        return self.settled + len(self.failures)


def run_cycle(at: datetime, trigger: Trigger, clock: Callable[[], datetime]) -> Run:
    """Close what is due at an instant."""
    steps = watched_run(at, trigger, clock)
    run = next(steps, Run(at))
    for _ in steps:
        pass
    return run


def watched_run(at: datetime, trigger: Trigger, clock: Callable[[], datetime]) -> Iterator[Run]:
    """Close what is due at an instant, telling after each chunk how far it came."""
    run = begin_run(at, trigger, clock())
    if run is not None:
        yield run
        yield from finish_run(run, clock)


def begin_run(at: datetime, trigger: Trigger, now: datetime) -> Run | None:
    """Write down that a run begins; None when nothing is due."""
    run = Run(at, due=count_due_pools(at))
    if not run.due:
        return None
    with write_connection(current_engine()) as connection:
        run.number = cycle_runs.begin_run(connection, trigger, at, run.due, now)
        if trigger is not Trigger.SCHEDULER:
            after = {"run": run.number, "at": at, "due": run.due}
            audit("cycle.run", None, now, after=after, connection=connection)
    return run


def finish_run(run: Run, clock: Callable[[], datetime]) -> Iterator[Run]:
    """Carry a run out that was begun, to its end or until something breaks it off."""
    number = run.number
    assert number is not None

    def note(connection: Any, settled: int) -> None:  # noqa: ANN401 - a connection of the store's
        cycle_runs.note_settled(connection, number, settled, clock())

    def failed(pool: int, error: Exception) -> None:
        words = f"pool {pool}: {type(error).__name__}: {error}"[:LONGEST_ERROR]
        run.failures.append((pool, words))
        with write_connection(current_engine()) as connection:
            cycle_runs.note_failed(connection, number, words, clock())

    broken: str | None = "The run was stopped."
    try:
        for settled in settled_chunks(run.at, note, failed):
            run.settled += settled
            yield run
        broken = None
    except Exception as error:
        broken = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        raise
    finally:
        with write_connection(current_engine()) as connection:
            cycle_runs.end_run(connection, number, broken, clock())
