"""`coffer export` and `coffer import`, between SQLite and PostgreSQL, as an operator uses them."""

import json
import re

import pytest

from tests.cli.running import run

pytestmark = pytest.mark.slow


def coffer(environment, *arguments):
    done = run(*arguments, environment=environment)
    return done.returncode, done.stdout, done.stderr


def balances(environment):
    """What `credits show` prints, without the number of the pool that ids of grants carry."""
    code, told, _ = coffer(environment, "credits", "show", "acme")
    assert code == 0
    return re.sub(r"grant_\d+_", "grant_", told)


@pytest.fixture
def place(tmp_path):
    """Make an installation on a database."""

    def make(name, url):
        environment = {"COFFER_INSTANCE": str(tmp_path / name), "DATABASE_URL": url}
        assert coffer(environment, "init")[0] == 0
        return environment

    return make


def test_there_and_back_again(place, tmp_path, postgresql_url):
    here = place("here", f"sqlite:///{tmp_path}/here.db")
    there = place("there", postgresql_url)
    file, second = str(tmp_path / "acme.coffer"), str(tmp_path / "again.coffer")
    coffer(here, "user", "create", "alice@acme.test")
    coffer(here, "workspace", "create", "acme", "--owner", "alice@acme.test")
    coffer(here, "credits", "grant", "acme", "250")
    shown = balances(here)
    code, told, _ = coffer(here, "export", "acme", file)
    assert (code, "1 members, 0 apps, 2 transactions" in told) == (0, True)
    assert "stay behind" in told
    code, told, _ = coffer(there, "import", file, "--json")
    assert (code, json.loads(told)["rows"]["transaction"]) == (0, 2)
    assert balances(there) == shown
    assert coffer(there, "ledger", "verify", "acme")[0] == 0
    code, _, error = coffer(there, "import", file)
    assert (code, "here already" in error) == (1, True)
    assert coffer(there, "export", "acme", second)[0] == 0
    fresh = place("fresh", f"sqlite:///{tmp_path}/fresh.db")
    assert coffer(fresh, "import", second)[0] == 0
    assert balances(fresh) == shown
    assert coffer(fresh, "export", "acme", second)[0] == 1
