"""VERBS of the operator: prove the ledger beside a request, and keep what was found.

Progress is written down while it goes on. A process that is killed leaves an audit that is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.credits.verify import verify_ledger
from app.store import ledger_audits as store
from app.store.database import current_engine, read_connection, write_connection
from app.store.history import pool_ids
from app.store.ledger_audits import LedgerAudit

SILENCE = timedelta(minutes=2)
WRITTEN_EVERY = timedelta(seconds=2)
LATEST = 25
LONGEST = 500


class AuditState(StrEnum):
    """How an audit stands."""

    RUNNING = "running"
    AGREES = "agrees"
    DIFFERS = "differs"
    BROKEN = "broken off"


@dataclass(frozen=True, slots=True)
class AuditRun:
    """An audit as operators see it."""

    row: LedgerAudit
    state: AuditState
    seconds: float


@dataclass(slots=True)
class _Found:
    done: int = 0
    lines: int = 0
    differences: int = 0
    first: str | None = None

    def values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in _Found.__slots__}


def begin_ledger_audit(slug: str | None, asked_by: str, now: datetime) -> int:
    """Write down that an audit begins, of one account or of all; returns its number."""
    with read_connection() as connection:
        pools = pool_ids(connection, slug)
    if slug is not None and not pools:
        raise NotFound(f"There is no account “{slug[:40]}”.")
    with write_connection(current_engine()) as connection:
        number = store.begin_audit(connection, slug, asked_by, len(pools), now)
        place = pools[0][0] if slug is not None else None
        after = {"audit": number, "pools": len(pools)}
        note("credits.audited", place, now, about=slug or "", after=after, connection=connection)
    return number


def carry_out_ledger_audit(number: int, clock: Callable[[], datetime]) -> None:
    """Prove pool by pool, to the end; what is found first is kept in words."""
    row = store.audit_by_id(number)
    assert row is not None
    found, written, error = _Found(), clock(), "It was stopped."
    try:
        for one in verify_ledger(row.slug):
            found.done += 1
            found.lines += one.lines
            if one.difference is not None:
                found.differences += 1
                found.first = found.first or f"{one.slug}: {one.difference}"[:LONGEST]
            if clock() - written >= WRITTEN_EVERY:
                written = clock()
                _write(number, found, written)
        error = ""
    except Exception as broken:
        error = f"{type(broken).__name__}: {broken}"[:LONGEST]
        raise
    finally:
        _write(number, found, clock(), finished_at=clock(), error=error or None)


def list_ledger_audits(now: datetime) -> list[AuditRun]:
    """List audits, the latest first."""
    return [_view(row, now) for row in store.latest_audits(LATEST)]


def find_ledger_audit(number: int, now: datetime) -> AuditRun:
    """Find an audit, or raise `NotFound`."""
    row = store.audit_by_id(number) if 0 < number < 2**63 else None
    if row is None:
        raise NotFound
    return _view(row, now)


def _write(number: int, found: _Found, now: datetime, **more: Any) -> None:  # noqa: ANN401
    with write_connection(current_engine()) as connection:
        store.note_progress(connection, number, {**found.values(), "seen_at": now, **more})


def _view(row: LedgerAudit, now: datetime) -> AuditRun:
    seconds = ((row.finished_at or row.seen_at) - row.started_at).total_seconds()
    if row.finished_at is None:
        silent = now - row.seen_at >= SILENCE
        return AuditRun(row, AuditState.BROKEN if silent else AuditState.RUNNING, seconds)
    if row.differences:
        return AuditRun(row, AuditState.DIFFERS, seconds)
    return AuditRun(row, AuditState.BROKEN if row.error else AuditState.AGREES, seconds)
