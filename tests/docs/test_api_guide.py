"""The guide to the API: each request that it shows is sent to a server as it runs in production."""

import json
import os
import subprocess
import sys

import pytest

from tests.cli.running import eventually, free_port, run, started, status_of
from tests.docs.guides import ROOT, blocks

pytestmark = pytest.mark.slow
GUIDE = ROOT / "docs" / "api.md"
ALICE = "alice@acme.test"


@pytest.fixture
def served(tmp_path, sqlite_url):
    """A server with the guide's workspace; gives what the guide's variables stand for."""
    environment = {"COFFER_INSTANCE": str(tmp_path / "instance"), "DATABASE_URL": sqlite_url}

    def coffer(*arguments):
        done = run(*arguments, environment=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    coffer("user", "create", ALICE)
    coffer("workspace", "create", "acme", "--owner", ALICE)
    token = json.loads(coffer("token", "create", "--service", "platform", "--json"))["token"]
    address = f"http://127.0.0.1:{(port := free_port())}"
    arguments = ("serve", "--port", str(port), "--no-scheduler")
    log = tmp_path / "log"
    with started(*arguments, environment=environment, log=log):
        eventually(lambda: status_of(f"{address}/readyz") == 200, "the server answers")
        yield {"COFFER": address, "TOKEN": token}


def type_in(language, text, variables):
    command = {"sh": ["bash", "-euc", text], "python": [sys.executable, "-c", text]}[language]
    done = subprocess.run(
        command,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_request_works_as_it_stands(served):
    found = blocks(GUIDE)
    assert {block.language for block in found} == {"sh", "python"}
    spend, *rest = found
    first = json.loads(type_in(*spend, served))
    assert json.loads(type_in(*spend, served)) == first
    variables = served | {"TRANSACTION": first["id"]}
    answers = [type_in(*block, variables) for block in rest]
    results = json.loads(answers[0])["results"]
    assert [each["status"] for each in results] == [201, 201]
    assert "2 credits paid" in answers[1]
    assert answers[2].startswith('{"account":"acme"')
    assert ",deploy,1,-1,4999," in answers[2]
    assert json.loads(answers[-1])["credits"] == first["credits"]
