"""Plugins' own tables: made by their own migrations, alike on both databases, theirs alone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect

from app.hookspecs import StatementFailed
from app.plugin_manager import PluginState
from app.services.directory import directory
from app.services.plugins.configure import list_plugins
from app.services.plugins.installed import asked_for, installed
from app.services.plugins.migrate import migrate_plugins
from app.services.readiness import require_ready
from app.store.database import current_engine
from tests.conftest import START
from tests.plugins.packages import NOTES, installed_with, module_in, write_revision

MODULE = """
from app.hookspecs import Manifest, hookimpl
manifest = Manifest("notes", "1", "Notes.", migrations="steps")
@hookimpl
def action_prices(host):
    return {"note": 1}
"""
INSERT = (
    "INSERT INTO notes_lines (id, at, is_done, facts, words) "
    "VALUES (:id, :at, :is_done, :facts, :words)"
)


@pytest.fixture
def notes(app, tmp_path):
    """Write the plugin `notes` with one revision, and load it."""
    write_revision(tmp_path / "steps", "0001", NOTES)
    return installed_with(module_in(tmp_path, MODULE))


@pytest.fixture
def tables(notes):
    assert [done.problem for done in migrate_plugins(notes)] == [None]
    return notes.lend(notes.plugins["notes"]).tables


def line(number, **values):
    given = {"at": START, "is_done": False, "facts": {"a": [1, None]}, "words": "é"}
    return (INSERT, given | values | {"id": number})


def table_names():
    return set(inspect(current_engine()).get_table_names())


def asked_now():
    return [plugin.name for plugin, _ in asked_for("action_prices", directory().fresh(START))]


def test_what_was_written_comes_back_alike(tables):
    east = START.astimezone(timezone(timedelta(hours=5)))
    assert tables.write(line(1), line(2, at=east, is_done=True, words=None)) == 2
    rows = tables.read("SELECT * FROM notes_lines ORDER BY id")
    assert rows[0] == {
        "id": 1,
        "at": START,
        "is_done": False,
        "facts": {"a": [1, None]},
        "words": "é",
    }
    assert (rows[1]["at"], rows[1]["is_done"], rows[1]["words"]) == (START, True, None)
    assert rows[1]["at"].tzinfo is UTC


def test_instants_are_found_and_named_columns_keep_their_kind(tables):
    tables.write(line(1), line(2, at=START + timedelta(days=1)))
    (row,) = tables.read(
        "SELECT max(l.at) AS at, count(*) AS n FROM notes_lines AS l WHERE l.at > :since",
        since=START,
    )
    assert row == {"at": START + timedelta(days=1), "n": 1}


def test_a_call_is_one_transaction(tables):
    with pytest.raises(StatementFailed, match=r"(?i)unique"):
        tables.write(line(1), line(2), line(1))
    assert tables.read("SELECT id FROM notes_lines") == []
    assert tables.write(line(1), (INSERT + " ON CONFLICT DO NOTHING", line(1)[1])) == 1


@pytest.mark.parametrize(
    "sql",
    ["SELECT email FROM people", "SELECT * FROM alembic_version", "SELECT * FROM plugins"],
)
def test_tables_of_others_are_refused(tables, sql):
    with pytest.raises(StatementFailed, match="is not this plugin's"):
        tables.read(sql)


def test_a_result_has_a_bound(tables):
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10001) "
    with pytest.raises(StatementFailed, match="LIMIT"):
        tables.read(numbers + "SELECT x FROM n")


def test_mistakes_are_told_in_the_databases_words(tables):
    with pytest.raises(StatementFailed, match="wishes"):
        tables.read("SELECT wishes FROM notes_lines")
    with pytest.raises(StatementFailed, match="time zone"):
        tables.write(line(1, at=datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the mistake


def test_a_plugin_waits_for_its_tables_and_is_on_as_soon_as_they_are_there(notes):
    assert asked_now() == []
    assert notes.plugins["notes"].state is PluginState.REFUSED
    (seen,) = list_plugins(START)
    assert "run `coffer migrate`" in seen.reason
    require_ready()
    migrate_plugins(notes)
    assert asked_now() == ["notes"]
    assert {"notes_lines", "notes_version"} <= table_names()


def test_a_new_version_brings_new_steps(notes, tables, tmp_path):
    write_revision(tmp_path / "steps" / "next", "0001", NOTES)
    write_revision(
        tmp_path / "steps" / "next",
        "0002",
        'op.add_column("notes_lines", sa.Column("more", sa.Integer()))',
        down="0001",
    )
    tables.write(line(1))
    plugin = notes.plugins["notes"]
    plugin.migrations, plugin.tables_ready = tmp_path / "steps" / "next", False
    assert [done.problem for done in migrate_plugins(notes)] == [None]
    assert [done.problem for done in migrate_plugins(notes)] == [None]
    fresh = installed()
    assert fresh is notes
    assert asked_now() == ["notes"]


@pytest.mark.parametrize(
    ("upgrade", "problem"),
    [
        (f'{NOTES}\n    raise RuntimeError("no luck")', "RuntimeError: no luck"),
        (f'{NOTES}\n    op.execute("SELECT x FROM nowhere")', "nowhere"),
        (NOTES.replace("notes_lines", "stray_lines"), "touch the table stray_lines"),
        (NOTES.replace("notes_lines", "plugin_lines"), "touch the table plugin_lines"),
        ('op.drop_table("notices")', "touch the table notices"),
    ],
)
def test_a_step_that_fails_leaves_nothing_and_stops_its_plugin_only(
    app, tmp_path, upgrade, problem
):
    write_revision(tmp_path / "steps", "0001", upgrade)
    manager = installed_with(module_in(tmp_path, MODULE))
    before = table_names()
    (done,) = migrate_plugins(manager)
    assert problem in done.problem
    assert table_names() == before
    assert asked_now() == []
    require_ready()


def test_steps_with_two_ends_are_refused(app, tmp_path):
    for revision in ("0001", "0002"):
        write_revision(tmp_path / "steps", revision, "pass")
    manager = installed_with(module_in(tmp_path, MODULE))
    (done,) = migrate_plugins(manager)
    assert "several ends: 0001, 0002" in done.problem


def test_a_folder_that_is_not_there_refuses_the_plugin(app, tmp_path):
    manager = installed_with(module_in(tmp_path, MODULE), on=False)
    assert manager.plugins[
        "tried_module" if "notes" not in manager.plugins else "notes"
    ].reason == ("There is no folder steps beside its module.")
