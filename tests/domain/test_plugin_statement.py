"""Statements of plugins: on their own tables, one at a time, and nothing hidden in them."""

import pytest

from app.domain.plugin_statement import NotOwn, require_read, require_write

FOREIGN = {"people", "apps", "journal_old_lines", "public", "main"}

READS = [
    "SELECT * FROM journal_lines",
    "select l.apps, 'people' from journal_lines AS l where l.kind = :kind",
    "WITH last AS (SELECT * FROM journal_lines) SELECT count(*) AS n FROM last",
    "SELECT \"at\"::text FROM journal_lines WHERE note = 'it''s; -- fine'",
]
WRITES = [
    "INSERT INTO journal_lines (id, kind) VALUES (:id, 'people') ON CONFLICT DO NOTHING",
    "UPDATE journal_lines SET kind = :kind WHERE id = :id",
    "DELETE FROM journal_lines WHERE at < :before",
]
REFUSED_READS = [
    "",
    "SELECT * FROM people",
    'SELECT * FROM "People"',
    "SELECT * FROM [people]",
    "SELECT * FROM 'people'",
    "SELECT * FROM public.people",
    "SELECT * FROM journal_lines, main.people",
    "SELECT * FROM journal_lines l JOIN people p ON p.id = l.id",
    "SELECT (SELECT max(email) FROM people) FROM journal_lines",
    "SELECT * FROM journal_old_lines",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pg_catalog.pg_user",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT query_to_xml('select * from people', true, true, '')",
    "SELECT 1; DELETE FROM people",
    "SELECT 1 -- and more",
    "SELECT /* hidden */ 1",
    "SELECT $$people$$",
    "SELECT E'\\''",
    "WITH gone AS (DELETE FROM journal_lines RETURNING id) SELECT * FROM gone",
    "SELECT id INTO journal_copy FROM journal_lines",
    "DELETE FROM journal_lines",
]
REFUSED_WRITES = [
    "DELETE FROM people",
    "UPDATE people SET is_operator = true",
    "INSERT INTO people SELECT * FROM journal_lines",
    "INSERT INTO journal_lines SELECT email FROM people",
    "DROP TABLE journal_lines",
    "CREATE TABLE journal_more (id integer)",
    "SELECT * FROM journal_lines",
    "PRAGMA writable_schema = on",
]


@pytest.mark.parametrize("sql", READS)
def test_reads_of_its_own_are_taken(sql):
    require_read(sql, FOREIGN)


@pytest.mark.parametrize("sql", WRITES)
def test_writes_of_its_own_are_taken(sql):
    require_write(sql, FOREIGN)


@pytest.mark.parametrize("sql", REFUSED_READS)
def test_other_reads_are_refused(sql):
    with pytest.raises(NotOwn):
        require_read(sql, FOREIGN)


@pytest.mark.parametrize("sql", REFUSED_WRITES)
def test_other_writes_are_refused(sql):
    with pytest.raises(NotOwn):
        require_write(sql, FOREIGN)


def test_the_reason_tells_the_way_out():
    with pytest.raises(NotOwn, match=r"“apps” is not this plugin's.*t\.apps"):
        require_read("SELECT apps FROM journal_lines", FOREIGN)
