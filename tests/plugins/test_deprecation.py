"""What the contract is about to lose still works, and is told for one version."""

import logging
import types

import pytest

from app.contract import deprecation
from app.contract.deprecation import Deprecated
from app.hookspecs import API_VERSION, Refuse, hookspec
from app.plugin_manager import PluginManager, PluginState
from app.services.plugins.configure import switch
from app.services.plugins.installed import install
from app.services.plugins.listing import list_plugins
from tests.conftest import START
from tests.plugins.packages import forget_what_is_bundled, made_of

OLD_HOOK = Deprecated("Use `before_deduction`.", gone_with=API_VERSION + 1)
OLD_ARGUMENT = Deprecated("Take `spending.price`.", gone_with=API_VERSION + 1)


def contract():
    """A contract of which one hook and one argument are about to go."""
    made = types.ModuleType("contract")

    @hookspec(warn_on_impl=OLD_HOOK)
    def may_spend(spending):
        raise NotImplementedError

    @hookspec(warn_on_impl_args={"price": OLD_ARGUMENT})
    def before_deduction(spending, price):
        raise NotImplementedError

    made.may_spend, made.before_deduction = may_spend, before_deduction
    return made


@pytest.fixture
def manager():
    return PluginManager(contract=contract())


def loaded(manager, **hooks):
    return manager.load("tried", "test", lambda: made_of(**hooks))


def test_a_hook_that_is_to_go_works_and_warns(manager, caplog):
    with caplog.at_level(logging.WARNING):
        one = loaded(manager, may_spend=lambda spending: Refuse("no"))
    gone = f"It goes with hook API {API_VERSION + 1}."
    assert one.warnings == (f"Use `before_deduction`. {gone}",)
    assert f"The plugin tried rests on what will go: Use `before_deduction`. {gone}" in caplog.text
    assert one.state is PluginState.ON
    answer = manager.call(one, "may_spend", {"spending": None}, {}, lambda _: None)
    assert answer == Refuse("no")


def test_an_argument_that_is_to_go_warns_those_who_take_it(manager):
    assert (
        "Take `spending.price`."
        in loaded(manager, before_deduction=lambda spending, price: None).warnings[0]
    )


def test_who_rests_on_nothing_of_it_hears_nothing(manager):
    assert loaded(manager, before_deduction=lambda spending: None).warnings == ()


def test_with_the_next_version_the_contract_must_be_without_it(monkeypatch):
    monkeypatch.setattr(deprecation, "API_VERSION", API_VERSION + 1)
    with pytest.raises(AssertionError, match="was to go with hook API"):
        Deprecated("Use another.", gone_with=API_VERSION + 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operator_sees_it(app, manager):
    loaded(manager, may_spend=lambda: None)
    install(manager)
    forget_what_is_bundled(manager)
    switch("tried", on=True)
    (seen,) = list_plugins(START)
    assert (seen.state, len(seen.warnings)) == ("on", 1)
