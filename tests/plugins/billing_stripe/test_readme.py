"""The README says what the code does: its events, its settings and its commands."""

import re
import shlex
from pathlib import Path

import pytest
import stripe

from app.cli import main
from plugins import billing_stripe
from plugins.billing_stripe import __main__ as set_up
from plugins.billing_stripe import patience
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


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_there(line):
    """The one that makes the webhook is run in `test_set_up`, the others in `test_portal`."""
    words = shlex.split(line.partition("<")[0])
    if words[0].startswith("STRIPE_SECRET_KEY="):
        assert words[1:4] == ["python", "-m", "plugins.billing_stripe"]
        assert set_up.set_up.make_context("x", words[4:])
        return
    plugins = main.get_command(None, "plugins")
    assert plugins.get_command(None, words[2]).make_context("x", words[3:])


def test_figures():
    assert f"{SETTLED_AFTER.total_seconds() / 60:g} minutes" == "2 minutes"
    assert "For two minutes after" in README
    assert patience.CALL_SECONDS == 17
    assert "**Seventeen seconds**" in README
    assert stripe.VERSION.startswith("16.")
