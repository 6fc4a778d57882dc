"""`coffer backup` and `coffer restore`: what comes back is the same installation, or nothing."""

import io
import json
import random
import sqlite3
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Coffer


@pytest.fixture
def running(coffer: Coffer) -> Coffer:
    """An installation on SQLite with a workspace, some credits and its own config.py."""
    for said in (
        ("init",),
        ("user", "create", "ana@beta.test"),
        ("workspace", "create", "beta", "--owner", "ana@beta.test"),
        ("credits", "grant", "beta", "70"),
    ):
        result = coffer(*said)
        assert result.exit_code == 0, result.output
    return coffer


def elsewhere(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Point the command at an empty instance folder."""
    folder = tmp_path / "elsewhere"
    environment.setenv("COFFER_INSTANCE", str(folder))
    return folder


def test_what_comes_back_proves_itself(running, environment, tmp_path):
    (tmp_path / "config.py").write_text("SELLER_NAME = 'Beta Ltd'\n")
    file = tmp_path / "coffer.backup"
    assert running("backup", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = running("credits", "show", "beta", "--json").stdout
    secret = (tmp_path / "secret_key").read_text()

    folder = elsewhere(environment, tmp_path)
    result = running("restore", str(file))
    assert result.exit_code == 0, result.output
    assert (folder / "secret_key").read_text() == secret
    assert (folder / "config.py").read_text() == "SELLER_NAME = 'Beta Ltd'\n"
    assert stat.S_IMODE((folder / "coffer.db").stat().st_mode) == 0o600
    assert running("credits", "show", "beta", "--json").stdout == shown
    assert running("ledger", "verify").exit_code == 0
    assert running("audit", "verify").exit_code == 0
    assert not [path for path in folder.iterdir() if path.name.startswith(".restore")]


def test_writers_go_on_while_it_is_copied(running, tmp_path):
    """The copy is of one moment: never a half-written transaction."""
    database = tmp_path / "coffer.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE pairs (left_side INT, right_side INT)")
    stop = threading.Event()

    def write() -> None:
        own = sqlite3.connect(database, timeout=30)
        while not stop.is_set():
            number = random.randrange(10**6)
            with own:
                own.execute("INSERT INTO pairs VALUES (?, NULL)", (number,))
                own.execute("UPDATE pairs SET right_side = left_side WHERE right_side IS NULL")
        own.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [tmp_path / f"{number}.backup" for number in range(3)]
        results = [running("backup", str(file)) for file in files]
    finally:
        stop.set()
        writer.join()
    assert [result.exit_code for result in results] == [0, 0, 0]
    for file in files:
        with tarfile.open(file) as archive:
            archive.extract("coffer.db", tmp_path / file.stem, filter="data")
        copy = sqlite3.connect(tmp_path / file.stem / "coffer.db")
        query = "SELECT COUNT(*) FROM pairs WHERE right_side IS NOT left_side"
        assert copy.execute(query).fetchone() == (0,)
        copy.close()


def test_nothing_is_overwritten(running, tmp_path):
    file = tmp_path / "coffer.backup"
    assert running("backup", str(file)).exit_code == 0
    before = file.read_bytes()
    again = running("backup", str(file))
    assert again.exit_code == 1
    assert "never overwrites" in again.output
    assert file.read_bytes() == before
    onto = running("restore", str(file))
    assert onto.exit_code == 1
    assert "is there already; restore into an empty folder" in onto.output
    assert running("ledger", "verify").exit_code == 0


def test_a_log_of_another_database_is_not_played_into_it(running, environment, tmp_path):
    file = tmp_path / "coffer.backup"
    assert running("backup", str(file)).exit_code == 0
    folder = elsewhere(environment, tmp_path)
    folder.mkdir()
    (folder / "coffer.db-wal").write_bytes(b"left over")
    result = running("restore", str(file))
    assert result.exit_code == 1
    assert "coffer.db-wal is there already" in result.output
    assert [path.name for path in folder.iterdir()] == ["coffer.db-wal"]


def test_a_damaged_file_is_refused_wherever_it_is_damaged(running, environment, tmp_path):
    file = tmp_path / "coffer.backup"
    running("backup", str(file))
    whole = file.read_bytes()
    folder = elsewhere(environment, tmp_path)
    chance = random.Random(7)
    places = [chance.randrange(20, len(whole)) for _ in range(20)]
    broken = [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in places]
    for content in (*broken, whole[: len(whole) // 2], b"", b"not a file of ours"):
        file.write_bytes(content)
        result = running("restore", str(file))
        assert result.exit_code == 1, result.output
        assert result.output.startswith("Error: ")
        assert list(folder.iterdir()) == []
    file.unlink()
    assert "There is no file" in running("restore", str(file)).output


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "authorized_keys"])
def test_a_file_that_holds_something_else_is_refused(coffer, environment, tmp_path, name):
    file, folder = tmp_path / "made.backup", elsewhere(environment, tmp_path)
    manifest = {"format": 1, "at": "2026-11-01T00:00:00+00:00", "revision": "", "files": {name: ""}}
    with tarfile.open(file, "w:gz") as archive:
        for path, content in (("manifest.json", json.dumps(manifest).encode()), (name, b"x")):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    result = coffer("restore", str(file))
    assert result.exit_code == 1
    assert "no backup of Coffer" in result.output
    assert list(folder.iterdir()) == []


def test_of_postgresql_it_says_what_is_missing(coffer, environment, postgresql_url, tmp_path):
    environment.setenv("DATABASE_URL", postgresql_url)
    coffer("init")
    result = coffer("backup", str(tmp_path / "coffer.backup"))
    assert result.exit_code == 0, result.output
    assert "copy that with pg_dump" in result.output
    environment.setenv("COFFER_INSTANCE", str(tmp_path / "elsewhere"))
    assert coffer("restore", str(tmp_path / "coffer.backup")).exit_code == 0
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["secret_key"]


def test_a_secret_from_the_environment_is_named(running, environment, tmp_path):
    environment.setenv("COFFER_SECRET_KEY", "k" * 40)
    (tmp_path / "secret_key").unlink()
    result = running("backup", str(tmp_path / "coffer.backup"))
    assert "The secret is not in it" in result.output
