"""Deletion: thirty days to undo."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.deletion import require_undoable
from app.domain.refusals import Conflict

DELETED = datetime(2026, 3, 2, tzinfo=UTC)


def test_undo_works_to_the_last_moment():
    last = DELETED + timedelta(days=30) - timedelta(microseconds=1)
    assert require_undoable(DELETED, last) is None


def test_undo_ends_after_thirty_days():
    with pytest.raises(Conflict, match="30 days"):
        require_undoable(DELETED, DELETED + timedelta(days=30))


def test_what_is_not_deleted_can_t_be_restored():
    with pytest.raises(Conflict, match="not deleted"):
        require_undoable(None, DELETED)
