"""Plugins that decide, through the real verbs on both databases."""

import types

import pytest

from app.domain.refusals import InvalidRequest, RefusedByPlugin
from app.domain.role import Role
from app.hookspecs import JoinAs, Manifest, Refuse, hookimpl
from app.plugin_manager import PluginManager
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.plugins.configure import list_plugins, set_setting, switch
from app.services.plugins.installed import install
from app.services.workspaces.join import add_member
from tests.conftest import START


def spending(**changes):
    wanted = {"account": "acme", "member": "bob@acme.test", "app": None, "action": "deploy"}
    return Spending(**{**wanted, **changes})


@pytest.fixture
def platform(acme, service_token):
    return caller_of(service_token, START)


@pytest.fixture
def house_rules(acme):
    switch("house_rules", on=True)
    return lambda **settings: [set_setting("house_rules", *item) for item in settings.items()]


@pytest.fixture
def with_plugin(acme):
    """Install one plugin made of these hooks, and switch it on."""

    def make(**hooks):
        manager = PluginManager(time_box=0.2)
        found = types.SimpleNamespace(
            manifest=Manifest("tried", "1.0", "Tried."),
            **{name: hookimpl(function) for name, function in hooks.items()},
        )
        manager.load("tried", "test", lambda: found)
        install(manager)
        switch("tried", on=True)
        return manager.plugins["tried"]

    return make


def test_a_plugin_that_is_new_waits_to_be_switched_on(platform):
    set_setting("house_rules", "frozen_actions", "deploy")
    on = {plugin.name for plugin in list_plugins(START) if plugin.state != "off"}
    assert on == {"runner_static"}  # so that deploying works out of the box
    assert deduct(platform, spending(), "k", START).value.credits == 1


def test_a_plugin_refuses_with_its_name_and_reason(acme, platform, house_rules):
    house_rules(frozen_actions="deploy")
    with pytest.raises(RefusedByPlugin) as refused:
        deduct(platform, spending(), "k", START)
    assert refused.value.facts["plugin"] == "house_rules"
    assert "deploy is frozen" in refused.value.facts["reason"]
    assert pool(acme.account, START).available == 5000


def test_a_repeat_gets_its_first_answer_though_the_plugin_refuses_now(platform, house_rules):
    first = deduct(platform, spending(), "k", START)
    house_rules(frozen_actions="deploy")
    again = deduct(platform, spending(), "k", START)
    assert (again.value, again.replayed) == (first.value, True)


def test_a_plugin_prices_and_a_hold_keeps_the_price_it_started_with(platform, house_rules):
    house_rules(discount_percent="50")
    hold = place_hold(platform, spending(quantity=9), "h", None, START).value
    house_rules(discount_percent="0")
    assert hold.credits == 5
    assert capture(platform, hold.id, None, START).value.credits == 5


def test_a_plugin_brings_actions(platform, house_rules):
    with pytest.raises(InvalidRequest):
        deduct(platform, spending(action="report.pdf"), "k", START)
    house_rules(own_actions="report.pdf=3")
    assert deduct(platform, spending(action="report.pdf"), "k", START).value.credits == 3


def test_a_refusal_in_a_batch_disturbs_nobody(platform, house_rules):
    house_rules(frozen_actions="ai.video")
    frozen, free = deduct_many(
        platform, [(spending(action="ai.video"), "a"), (spending(), "b")], START
    )
    assert isinstance(frozen, RefusedByPlugin)
    assert free.value.credits == 1


@pytest.mark.parametrize("answer", ["yes", 0])
def test_a_broken_plugin_stops_nobodys_work(platform, with_plugin, answer):
    plugin = with_plugin(before_deduction=lambda spending: answer)
    done = [deduct(platform, spending(), f"k{n}", START).value.credits for n in range(4)]
    assert done == [1, 1, 1, 1]
    assert plugin.state == "quarantined"
    reasons = {seen.name: seen.reason for seen in list_plugins(START)}
    assert reasons["tried"] == plugin.last_error


def test_who_may_join_is_decided(acme, charlie, house_rules):
    house_rules(joining_domains="acme.test")
    with pytest.raises(RefusedByPlugin, match=r"Only addresses of acme\.test"):
        add_member("acme", charlie.email, Role.MEMBER, START)
    house_rules(joining_domains="acme.test, elsewhere.test")
    assert add_member("acme", charlie.email, Role.MEMBER, START).role is Role.MEMBER


def test_a_role_is_lowered_and_never_raised(acme, charlie, with_plugin):
    with_plugin(before_member_joins=lambda joining: JoinAs("member"))
    assert add_member("acme", charlie.email, Role.ADMIN, START).role is Role.MEMBER


def test_nobody_is_raised_above_the_highest_role(acme, charlie, with_plugin):
    with_plugin(before_member_joins=lambda joining: JoinAs("admin"))
    assert add_member("acme", charlie.email, Role.MEMBER, START).role is Role.MEMBER


def test_a_broken_plugin_lets_nobody_in(acme, charlie, with_plugin):
    def fail(joining):
        raise RuntimeError("database of guests is down")

    with_plugin(before_member_joins=fail)
    with pytest.raises(RefusedByPlugin, match="could not decide"):
        add_member("acme", charlie.email, Role.MEMBER, START)


def test_a_refusal_stands_whatever_others_answer(acme, charlie, platform):
    manager = PluginManager()
    for name, answer in (("early", Refuse("no")), ("late", None)):
        found = types.SimpleNamespace(
            manifest=Manifest(name, "1", ""),
            before_deduction=hookimpl(lambda spending, answer=answer: answer),
        )
        manager.load(name, "test", lambda found=found: found)
    install(manager)
    for name in manager.plugins:
        switch(name, on=True)
    with pytest.raises(RefusedByPlugin, match="no"):
        deduct(platform, spending(), "k", START)
