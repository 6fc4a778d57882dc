"""Fixtures of the command: run it in this process, on a database of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.settings import Settings
from app.sources import variable

Coffer = Callable[..., Result]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Give an environment without settings but the instance folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.setenv("COFFER_INSTANCE", str(tmp_path))
    return monkeypatch


@pytest.fixture
def coffer(environment: pytest.MonkeyPatch) -> Coffer:
    """Run `coffer …` on what the environment says."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="coffer")

    return run


@pytest.fixture
def installed(coffer: Coffer, environment: pytest.MonkeyPatch, database_url: str) -> Coffer:
    """Run `coffer …` on an installation that is set up; answers 0 or the test fails."""
    environment.setenv("DATABASE_URL", database_url)
    return coffer


@pytest.fixture
def answer(installed: Coffer) -> Callable[..., Any]:
    """Run `coffer … --json` and read its answer."""

    def run(*arguments: str, stdin: str | None = None) -> Any:
        result = installed(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run
