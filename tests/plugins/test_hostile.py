"""Plugins that mean harm: the portal stands, deductions are no slower than the time box."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from app.domain.refusals import RefusedByPlugin
from app.hookspecs import Allow, JoinAs, Manifest, Price, Refuse, hookimpl
from app.plugin_manager import TIME_BOX_SECONDS, PluginManager, PluginState
from app.services.credits.caller import caller_of
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct
from app.services.credits.verify import verify_ledger
from app.services.plugins.listing import list_plugins
from app.settings import ROOT
from tests.conftest import START
from tests.plugins.packages import installed_with, made_of
from tests.services.racing import at_once

HANG_SECONDS = 30
MARGIN_SECONDS = 1.5  # of a machine that does other things, too
never = threading.Event()


class BitingError(Exception):
    def __str__(self):
        raise SystemExit


class Biting(str):
    """Hangs when anybody but its own thread looks at it."""

    __slots__ = ()

    def strip(self, *_):
        never.wait(HANG_SECONDS)


class Shifting(Refuse):
    """Says another thing each time it is asked."""

    @property
    def reason(self):
        never.wait(HANG_SECONDS)


class TwoFaced:
    """Pretends to be an answer."""

    __class__ = Allow


def raises(spending):
    raise BitingError


def exits(spending):
    sys.exit(1)


def recurses(spending):
    return recurses(spending)


def hangs(spending):
    never.wait(HANG_SECONDS)


def tampers(spending):
    object.__setattr__(spending, "credits", 0)
    object.__setattr__(spending, "account", "other")
    spending.metadata.clear()
    return Allow()


def prints(spending):
    sys.stdout.write("{}" * 1000)


BEHAVIOURS = {
    "raises": raises,
    "exits": exits,
    "recurses": recurses,
    "garbage": lambda spending: [{}],
    "a true price": lambda spending: Price(True),
    "a huge price": lambda spending: Price(10**40),
    "a price of text": lambda spending: Price("1"),
    "no price": lambda spending: Price(0),
    "a refusal that bites": lambda spending: Refuse(Biting("no")),
    "a refusal that shifts": lambda spending: object.__new__(Shifting),
    "two faces": lambda spending: TwoFaced(),
    "a role": lambda spending: JoinAs("admin"),
}


@pytest.fixture
def account(acme):
    return SimpleNamespace(id=acme.account.id, slug=acme.account.slug)


@pytest.fixture
def platform(acme, service_token):
    return caller_of(service_token, START)


def take(platform, key):
    began = time.monotonic()
    spending = Spending("acme", "bob@acme.test", None, "deploy", metadata={"a": "b"})
    credits = deduct(platform, spending, key, START).value.credits
    return credits, time.monotonic() - began


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_whatever_it_does_stops_nobodys_work_and_ends_in_quarantine(app, platform, name):
    manager = installed_with(made_of(before_deduction=BEHAVIOURS[name]), time_box=0.5)
    done = [take(platform, f"k{n}") for n in range(4)]
    assert [credits for credits, _ in done] == [1, 1, 1, 1]
    assert max(seconds for _, seconds in done) < 0.5 + MARGIN_SECONDS
    plugin = manager.plugins["tried"]
    assert (plugin.state, plugin.failed_calls) == (PluginState.QUARANTINED, 3)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_tampering_and_printing_change_nothing(app, account, platform, capsys):
    installed_with(made_of(before_deduction=tampers), made_of("printer", before_deduction=prints))
    assert take(platform, "k")[0] == 1
    assert pool(account, START).available == 4_999


def test_a_hot_pool_with_one_that_hangs_is_no_slower_than_the_time_box(app, account, platform):
    manager = installed_with(made_of(before_deduction=hangs), time_box=TIME_BOX_SECONDS)
    deeds = [
        lambda mine=mine: [take(platform, f"{mine}-{turn}") for turn in range(5)]
        for mine in range(40)
    ]
    outcomes = at_once(app, *deeds)
    assert [answer for answer in outcomes if isinstance(answer, Exception)] == []
    done = [each for answer in outcomes for each in answer]
    assert [credits for credits, _ in done] == [1] * 200
    assert max(seconds for _, seconds in done) < TIME_BOX_SECONDS + 2 * MARGIN_SECONDS
    assert manager.plugins["tried"].state is PluginState.QUARANTINED
    assert pool(account, START).available == 4_800
    assert [found.difference for found in verify_ledger("acme")] == [None]
    assert take(platform, "after")[1] < TIME_BOX_SECONDS


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wrapper_of_others_is_refused_and_the_refusal_of_others_stands(app, platform):
    def around(spending):
        yield
        return Allow()

    wrapper = SimpleNamespace(
        manifest=Manifest("wrapper", "1", ""),
        before_deduction=hookimpl(around, wrapper=True, tryfirst=True),
    )
    installed_with(made_of("strict", before_deduction=lambda spending: Refuse("no")), wrapper)
    reasons = {plugin.name: plugin.reason for plugin in list_plugins(START)}
    assert "a plugin answers for itself only" in reasons["wrapper"]
    with pytest.raises(RefusedByPlugin, match="no"):
        take(platform, "k")


def test_what_hangs_or_bites_while_it_is_loaded_is_refused(monkeypatch):
    monkeypatch.setattr("app.plugin_manager.LOADING_SECONDS", 0.3)

    class Hanging:
        manifest = Manifest("hanging", "1", "")

        def __dir__(self):
            never.wait(HANG_SECONDS)
            return []

    class Bad:
        @property
        def manifest(self):
            raise BitingError

    manager = PluginManager()
    for name, load in {
        "import": lambda: never.wait(HANG_SECONDS),
        "scan": Hanging,
        "bad": Bad,
        "exit": lambda: sys.exit("bye"),
    }.items():
        manager.load(name, "test", load)
    slow = "It can't be imported: it took longer than 0.3 s"
    assert {name: one.reason for name, one in manager.plugins.items()} == {
        "import": slow,
        "hanging": slow,
        "bad": "It can't be imported: BitingError: it can't say what",
        "exit": "It can't be imported: SystemExit: bye",
    }
    assert {one.state for one in manager.plugins.values()} == {PluginState.REFUSED}


def test_a_plugin_in_the_folder_that_prints_and_fails_leaves_commands_readable(tmp_path):
    """`coffer plugins list --json` in a process of its own, with a noisy plugin beside it."""
    (tmp_path / "noisy.py").write_text("print('{')\nraise RuntimeError('no')\n", "utf-8")
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from importlib import import_module\n"
        "from app.plugin_manager import PluginManager\n"
        "manager = PluginManager()\n"
        "one = manager.load('noisy', 'test', lambda: import_module('noisy'))\n"
        "print(json.dumps({'state': one.state, 'reason': one.reason}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (
        '{"state": "refused", "reason": "It can\'t be imported: RuntimeError: no"}\n'
    )
