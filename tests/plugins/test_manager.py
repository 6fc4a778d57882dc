"""The plugin manager: what a plugin does wrong harms nobody and is said in words."""

import threading
import types

import pytest

from app.hookspecs import Allow, Manifest, Price, Spending, hookimpl
from app.plugin_manager import Failed, PluginManager, PluginState

SPENDING = Spending("acme", None, None, "deploy", 1, 5, 5, "deduction", {"a": [1]})


def plugin(before_deduction=None, manifest=None, **others):
    found = types.SimpleNamespace(
        manifest=manifest or Manifest(name="tried", version="1.0", summary="Tried.")
    )
    if before_deduction is not None:
        others["before_deduction"] = before_deduction
    for name, function in others.items():
        setattr(found, name, function)
    return found


@pytest.fixture
def manager():
    return PluginManager(time_box=0.2)


def loaded(manager, found):
    return manager.load("tried", "test", lambda: found)


def ask(manager, one, wrong=lambda _answer: None):
    return manager.call(one, "before_deduction", {"spending": SPENDING}, {}, wrong)


def test_a_good_plugin_answers(manager):
    @hookimpl
    def before_deduction(spending):
        return Price(spending.credits + 1)

    one = loaded(manager, plugin(before_deduction))
    assert (one.state, one.version) == (PluginState.ON, "1.0")
    assert ask(manager, one) == Price(6)
    assert one.timings["before_deduction"].calls == 1


def test_a_plugin_that_raises_even_exit_has_failed(manager):
    @hookimpl
    def before_deduction(spending):
        raise SystemExit(3)

    one = loaded(manager, plugin(before_deduction))
    assert ask(manager, one) == Failed("SystemExit: 3")
    assert one.last_error == "before_deduction: SystemExit: 3"


def test_a_plugin_that_hangs_is_left_behind_and_then_out(manager):
    release = threading.Event()

    @hookimpl
    def before_deduction(spending):
        release.wait(30)

    one = loaded(manager, plugin(before_deduction))
    answers = [ask(manager, one) for _ in range(3)]
    release.set()
    assert answers == [Failed("it took longer than 0.2 s")] * 3
    assert one.state is PluginState.QUARANTINED
    assert manager.with_hook("before_deduction") == []


def test_what_is_slow_keeps_no_decider_waiting(manager):
    release = threading.Event()
    one = loaded(manager, plugin(hookimpl(lambda spending: Allow())))
    slow = [
        manager.run(one, "page", lambda: release.wait(30), lambda _: None, seconds=0.01)
        for _ in range(9)
    ]
    assert slow[-1] == Failed("it is still busy with earlier calls")
    one.failures_in_a_row, one.state = 0, PluginState.ON
    assert ask(manager, one) == Allow()
    release.set()


def test_success_forgives_earlier_failures(manager):
    moods = iter([True, True, False, True, True])

    @hookimpl
    def before_deduction(spending):
        if next(moods):
            raise ValueError("bad mood")
        return Allow()

    one = loaded(manager, plugin(before_deduction))
    for _ in range(5):
        ask(manager, one)
    assert (one.state, one.failures_in_a_row) == (PluginState.ON, 2)


def test_a_wrong_answer_is_a_failure(manager):
    @hookimpl
    def before_deduction(spending):
        return "yes"

    one = loaded(manager, plugin(before_deduction))
    assert ask(manager, one, wrong=lambda answer: f"it said {answer}") == Failed("it said yes")


def test_tampering_reaches_only_the_plugins_own_copy(manager):
    @hookimpl
    def before_deduction(spending):
        object.__setattr__(spending, "credits", 0)
        spending.metadata["a"].append(2)

    one = loaded(manager, plugin(before_deduction))
    ask(manager, one)
    assert (SPENDING.credits, SPENDING.metadata) == (5, {"a": [1]})


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (types.SimpleNamespace(), "It has no `manifest`"),
        (plugin(manifest=Manifest("Bad Name", "1", "")), "small letters, digits and _"),
        (plugin(manifest=Manifest("tried", "1", "", api=(7, 9))), "written for hook API 7 to 9"),
        (
            plugin(befor_deduction=hookimpl(lambda spending: None)),
            "Did you mean `before_deduction`",
        ),
        (plugin(hookimpl(lambda spending, wish: None)), "wish"),
        (
            plugin(hookimpl(lambda spending: (yield), wrapper=True)),
            "a plugin answers for itself only",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_says_why(manager, found, reason):
    one = loaded(manager, found)
    assert one.state is PluginState.REFUSED
    assert reason in one.reason


def test_a_plugin_that_cannot_be_imported_says_why(manager):
    def load():
        raise ImportError("no module named yesterday")

    one = manager.load("tried", "test", load)
    assert one.reason == "It can't be imported: ImportError: no module named yesterday"


def test_two_plugins_of_one_name_do_not_mix(manager):
    first = loaded(manager, plugin(hookimpl(lambda spending: Allow())))
    second = manager.load("other", "test", lambda: plugin(hookimpl(lambda spending: Allow())))
    assert (first.state, second.state) == (PluginState.ON, PluginState.REFUSED)
    assert manager.plugins["tried"] is first


def test_what_lies_in_the_folder_is_found(tmp_path):
    manager = PluginManager()
    (tmp_path / "broken.py").write_text("")
    (tmp_path / "_private.py").write_text("")
    manager.find(tmp_path)
    assert [name for name in manager.plugins if name != "house_rules"] == ["broken"]
    assert manager.plugins["broken"].reason.startswith("It can't be imported")
