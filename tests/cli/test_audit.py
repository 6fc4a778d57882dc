"""The commands about the audit log: who sat there, and what they prove."""

import json
import socket

import pytest
from sqlalchemy import create_engine, text

from tests.services.audit.log import GUARDS


@pytest.fixture
def in_database(database_url):
    """Run SQL as somebody who owns the database.

    What filled it stood under another installation's secret, and is not wanted here.
    """
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))

    def run(statement):
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return found.all() if found.returns_rows else []

    for guard in GUARDS[engine.dialect.name]:
        run(guard)
    run("DELETE FROM audit_lines")
    yield run
    engine.dispose()


def test_what_is_done_here_is_noted_and_proven(in_database, answer, tmp_path):
    answer("user", "create", "alice@acme.test", "--name", "Alice")
    answer("workspace", "create", "acme", "--owner", "alice@acme.test")
    kept = answer("audit", "heads")
    assert {name: kept["heads"][-1][name] for name in ("account", "seq")} == {
        "account": "acme",
        "seq": 2,
    }
    file = tmp_path / "heads.json"
    file.write_text(json.dumps(kept))
    proven = answer("audit", "verify", "--against", str(file))
    assert (proven["whole"], proven["chains"], proven["waiting"]) == (True, 2, 0)
    rows = in_database("SELECT door, actor, actor_name, address FROM audit_lines WHERE chain = 2")
    assert {(row.door, row.actor, row.address) for row in rows} == {
        ("cli", "operator", socket.gethostname()[:45])
    }


def test_a_break_is_told_and_exits_with_1(in_database, installed, answer):
    answer("user", "create", "alice@acme.test", "--name", "Alice")
    answer("audit", "heads")
    in_database("UPDATE audit_heads SET seq = 1 WHERE chain = 1")
    found = installed("audit", "verify")
    assert found.exit_code == 1
    assert "alice: The head was changed" in found.stdout
    data = json.loads(installed("audit", "verify", "--json").stdout)
    assert (data["whole"], data["account"]) == (False, "alice")


def test_a_file_that_has_no_heads(installed, tmp_path):
    file = tmp_path / "heads.json"
    file.write_text("[]")
    found = installed("audit", "verify", "--against", str(file))
    assert found.exit_code == 1
    assert "is no file of heads" in found.stderr
