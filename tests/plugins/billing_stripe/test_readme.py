"""The README says what the code does: its events, its settings and its commands."""

import json
import re
import shlex
from pathlib import Path

import stripe
from click.testing import CliRunner

from app.cli import main
from plugins import billing_stripe
from plugins.billing_stripe import patience
from plugins.billing_stripe.__main__ import set_up
from plugins.billing_stripe.attempts import SETTLED_AFTER
from plugins.billing_stripe.events import READERS

README = (Path(billing_stripe.__file__).parent / "README.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.strip().splitlines()
]


def first_column(heading):
    table = README.partition(heading)[2]
    return re.findall(
        r"^\| `([\w.]+)` \|", table.partition("\n\n|")[2].partition("\n\n")[0], re.MULTILINE
    )


def test_all_events_are_listed():
    assert set(first_column("By hand, choose these:")) == READERS.keys()
    assert len(first_column("By hand, choose these:")) == len(READERS)


def test_all_settings_are_listed():
    declared = [field.name for field in billing_stripe.manifest.settings]
    assert first_column("## Settings") == declared


def test_there_are_commands():
    assert len(COMMANDS) == 4


def test_the_commands_switch_card_payments_on(sqlite_url, tmp_path, monkeypatch, bench):
    """Run as they stand there; the one that makes the webhook runs in `test_set_up`, too."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COFFER_INSTANCE", str(tmp_path))
    monkeypatch.setenv("STRIPE_SECRET_KEY", bench.settings["secret_key"])
    for line in COMMANDS:
        words = shlex.split(line.partition("<")[0])
        if words[0].startswith("STRIPE_SECRET_KEY="):
            assert words[1:4] == ["python", "-m", "plugins.billing_stripe"]
            base = ["--api-base", bench.settings["api_base"]]
            done = CliRunner().invoke(set_up, [*words[4:], *base])
            bench.settings["webhook_secret"] = done.stdout.split()[-1]
        else:
            value = bench.settings.get(words[4], "") if "--stdin" in words else None
            done = CliRunner().invoke(main, words[1:], input=value)
        assert done.exit_code == 0, done.output
    listed = json.loads(CliRunner().invoke(main, ["plugins", "list", "--json"]).stdout)
    (plugin,) = [each for each in listed if each["name"] == "billing_stripe"]
    assert plugin["state"] == "on"
    assert plugin["settings"]["secret_key"] == plugin["settings"]["webhook_secret"] == "set"


def test_figures():
    assert f"{SETTLED_AFTER.total_seconds() / 60:g} minutes" == "2 minutes"
    assert "For two minutes after" in README
    assert patience.CALL_SECONDS == 17
    assert "**Seventeen seconds**" in README
    assert stripe.VERSION.startswith("16.")
