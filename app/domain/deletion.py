"""Deletion of a workspace: it can be undone for thirty days, and the ledger is kept for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.refusals import Conflict

UNDO = timedelta(days=30)


def undo_ends(deleted_at: datetime) -> datetime:
    """The instant until which a deletion can be undone."""
    return deleted_at + UNDO


def require_undoable(deleted_at: datetime | None, now: datetime) -> None:
    """Raise `Conflict` unless there is a deletion that can still be undone."""
    if deleted_at is None:
        raise Conflict("This workspace is not deleted.")
    if now >= undo_ends(deleted_at):
        raise Conflict(f"A deletion can be undone for {UNDO.days} days, and they are over.")
