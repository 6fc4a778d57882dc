"""The contract is written down, and each hook has a bundled plugin that uses it."""

import inspect
import re
from pathlib import Path

from app import hookspecs
from app.plugin_manager import PluginManager, PluginState

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
KIT = {
    "app.conformance.billing",
    "app.conformance.running",
    "app.conformance.sso",
    "app.conformance.tables",
}


def hooks():
    return {
        name: list(inspect.signature(function).parameters)
        for name, function in vars(hookspecs).items()
        if hasattr(function, "coffer_spec")
    }


def test_every_hook_and_argument_is_documented():
    page = (PLUGINS / "README.md").read_text("utf-8")
    written = {
        name: [argument.strip() for argument in arguments.split(",")]
        for name, arguments in re.findall(r"### `(\w+)\((.*?)\)", page)
    }
    assert written == hooks()


def test_every_hook_says_what_failure_means():
    for name in hooks():
        assert "On\nfailure" in inspect.getdoc(getattr(hookspecs, name)).replace(
            "On failure", "On\nfailure"
        )


def test_every_hook_has_a_bundled_plugin():
    manager = PluginManager()
    manager.find(PLUGINS)
    bundled = [one for one in manager.plugins.values() if one.state is PluginState.ON]
    assert {hook for one in bundled for hook in one.hooks} == hooks().keys()


def test_plugins_import_the_contract_and_nothing_else_of_coffer():
    for path in PLUGINS.rglob("*.py"):
        imported = re.findall(
            r"^\s*(?:from|import) (app\S*)", path.read_text("utf-8"), re.MULTILINE
        )
        kit = KIT if is_its_own_test(path) else set()
        assert set(imported) <= {"app.hookspecs"} | kit, path


def is_its_own_test(path):
    return path.stem.startswith("conformance")
