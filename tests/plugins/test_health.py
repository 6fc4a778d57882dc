"""How plugins fare, told by each process: states, counters, shadow, leaving quarantine."""

from datetime import timedelta

import pytest

from app.domain.refusals import NotFound, RefusedByPlugin
from app.domain.role import Role
from app.hookspecs import JoinAs, Price, Refuse
from app.plugin_manager import PluginState
from app.services.credits.caller import caller_of
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct
from app.services.plugins import health
from app.services.plugins.configure import release, shadow, switch, switch_for
from app.services.plugins.health import tell_health
from app.services.plugins.installed import installed
from app.services.plugins.listing import list_plugins, show_plugin
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.database import db
from app.store.plugin_health import PluginHealthRow
from tests.conftest import START
from tests.plugins.packages import installed_with, made_of

keys = iter(range(1000))


@pytest.fixture
def platform(acme, service_token):
    return caller_of(service_token, START)


def take(caller, account="acme", email="bob@acme.test"):
    spending = Spending(account, email, None, "deploy")
    return deduct(caller, spending, f"k{next(keys)}", START).value.credits


def seen(name="tried", now=START):
    return next(plugin for plugin in list_plugins(now) if plugin.name == name)


def fail(spending):
    raise RuntimeError("no luck")


@pytest.fixture
def another_process(monkeypatch):
    """Let what is told next be told by another process, which has plugins of its own."""

    def become(name):
        monkeypatch.setattr(health, "this_process", lambda: name)

    return become


def test_all_processes_are_seen_and_leave_quarantine_together(platform, another_process, later):
    broken = made_of(before_deduction=fail)
    another_process("one")
    first = installed_with(broken)
    assert [take(platform) for _ in range(3)] == [1, 1, 1]
    assert first.plugins["tried"].state is PluginState.QUARANTINED
    tell_health(START)

    another_process("two")
    installed_with(broken, on=False)
    take(platform)
    plugin = seen()
    assert (plugin.state, plugin.reason) == (
        "quarantined",
        "before_deduction: RuntimeError: no luck",
    )
    fares = show_plugin("tried", START).health
    assert (fares.processes, fares.quarantined) == (2, 1)
    assert fares.timings["before_deduction"].calls == 4
    assert fares.failed_at == START

    release("tried")
    install_again(first)
    take(platform)
    assert first.plugins["tried"].state is PluginState.ON
    tell_health(START)
    assert seen().state == "on"


def install_again(manager):
    from app.services.plugins.installed import install

    install(manager)


def test_a_process_that_fell_silent_counts_no_more_and_is_forgotten(
    platform, another_process, later
):
    another_process("dead")
    installed_with(made_of(before_deduction=fail))
    for _ in range(3):
        take(platform)
    tell_health(START)
    another_process("alive")
    installed_with(made_of(before_deduction=lambda: None))
    now = later(minutes=10)
    assert seen(now=now).state == "on"
    assert show_plugin("tried", now).health.timings["before_deduction"].calls == 3
    now = later(days=2)
    tell_health(now)
    assert {row.process for row in db.session.query(PluginHealthRow)} == {"alive"}


def test_what_did_not_change_is_not_written_again_for_a_minute(app, clock):
    installed_with(made_of(before_deduction=lambda: None))
    tell_health(START)
    tell_health(START + timedelta(seconds=30))
    assert {row.seen_at for row in db.session.query(PluginHealthRow)} == {START}
    tell_health(START + timedelta(seconds=90))
    assert {row.seen_at for row in db.session.query(PluginHealthRow).populate_existing()} == {
        START + timedelta(seconds=90)
    }


def test_switching_on_again_lets_out_of_quarantine(platform):
    manager = installed_with(made_of(before_deduction=fail))
    for _ in range(4):
        take(platform)
    switch("tried", on=False)
    assert seen().state == "off"
    switch("tried", on=True)
    assert seen().state == "on"
    assert manager.plugins["tried"].failures_in_a_row == 0


def test_in_shadow_a_plugin_is_asked_and_not_heeded(acme, platform, charlie):
    answers = iter([Refuse("too late"), Price(3), "odd"])
    installed_with(
        made_of(
            before_deduction=lambda spending: next(answers),
            before_member_joins=lambda joining: Refuse("full"),
        )
    )
    shadow("tried", on=True)
    assert [take(platform) for _ in range(3)] == [1, 1, 1]
    assert add_member("acme", charlie.email, Role.ADMIN, START).role is Role.ADMIN
    fares = show_plugin("tried", START).health
    assert fares.shadow == {
        "before_deduction: refused": 1,
        "before_deduction: priced": 1,
        "before_deduction: failed": 1,
        "before_member_joins: refused": 1,
    }
    assert {(one.about, one.answer) for one in fares.would_have} >= {
        ("1 deploy for 1 in acme by bob@acme.test", "refused: too late"),
        ("1 deploy for 1 in acme by bob@acme.test", "priced at 3"),
        ("charlie@elsewhere.test joins acme as admin", "refused: full"),
    }
    assert pool(acme.account, START).available == 4997
    assert seen().in_shadow


def test_a_decider_is_switched_off_for_one_workspace(acme, platform, charlie):
    start_workspace(acme.alice.email, "beta", "Beta", "business", START, START)
    installed_with(
        made_of(
            before_deduction=lambda spending: Refuse("no"),
            before_member_joins=lambda joining: JoinAs("member"),
        )
    )
    switch_for("tried", "acme", on=False)
    assert take(platform) == 1
    assert add_member("acme", charlie.email, Role.ADMIN, START).role is Role.ADMIN
    with pytest.raises(RefusedByPlugin):
        take(platform, "beta", "alice@acme.test")
    switch_for("tried", "acme", on=True)
    with pytest.raises(RefusedByPlugin):
        take(platform)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_there_is_said(app):
    installed_with(made_of(before_deduction=lambda: None))
    for verb in (lambda: switch("gone", on=True), lambda: show_plugin("gone", START)):
        with pytest.raises(NotFound, match="no plugin “gone”"):
            verb()
    with pytest.raises(NotFound, match="no account “nowhere”"):
        switch_for("tried", "nowhere", on=False)
    installed().plugins.pop("tried")
    missing = seen()
    assert (missing.state, missing.hooks) == ("missing", ())
    switch("tried", on=False)
    assert list_plugins(START) == []
