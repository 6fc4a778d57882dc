"""Tables for plugins' tests: what is written comes back as it does from the portal's tables."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.conformance.tables import TrialTables
from app.hookspecs import StatementFailed
from tests.conftest import START
from tests.plugins.packages import NOTES, write_revision

INSERT = (
    "INSERT INTO notes_lines (id, at, is_done, facts, words) "
    "VALUES (:id, :at, :is_done, :facts, :words)"
)


@pytest.fixture
def tables(tmp_path):
    write_revision(tmp_path, "0001", NOTES)
    write_revision(tmp_path, "0002", 'op.execute("DELETE FROM notes_lines")', down="0001")
    return TrialTables(tmp_path)


def line(number, **values):
    given = {"at": START, "is_done": False, "facts": {"a": [1, None]}, "words": "é"}
    return (INSERT, given | values | {"id": number})


def test_what_was_written_comes_back_alike(tables):
    east = START.astimezone(timezone(timedelta(hours=5)))
    assert tables.write(line(1), line(2, at=east, is_done=True, words=None)) == 2
    first, second = tables.read("SELECT * FROM notes_lines ORDER BY id")
    assert first == {
        "id": 1,
        "at": START,
        "is_done": False,
        "facts": {"a": [1, None]},
        "words": "é",
    }
    assert (second["at"], second["is_done"], second["words"]) == (START, True, None)
    assert second["at"].tzinfo is UTC
    (found,) = tables.read(
        "SELECT max(l.at) AS at FROM notes_lines AS l WHERE l.at >= :at", at=east
    )
    assert found == {"at": START}


def test_a_call_is_one_transaction(tables):
    with pytest.raises(StatementFailed, match="UNIQUE"):
        tables.write(line(1), line(2), line(1))
    assert tables.read("SELECT id FROM notes_lines") == []


def test_mistakes_are_told(tables):
    with pytest.raises(StatementFailed, match="wishes"):
        tables.read("SELECT wishes FROM notes_lines")
    with pytest.raises(ValueError, match="time zone"):
        tables.write(line(1, at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the mistake
