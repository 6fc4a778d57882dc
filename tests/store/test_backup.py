"""Checking a copy of a database."""

import sqlite3
from contextlib import closing

import pytest

from app.store.backup import quick_check


@pytest.mark.parametrize("name", ["plain.db", "what?mode=rw.db", "part#2.db", "50%20off.db"])
def test_a_file_of_any_name_is_checked(tmp_path, name):
    path = tmp_path / name
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE things (id INTEGER)")
    assert quick_check(path) == "ok"
    assert [each.name for each in tmp_path.iterdir()] == [name]
