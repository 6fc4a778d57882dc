"""VERB: check a plugin: what can be seen without its help, and its conformance tests if any.

The kit runs as pytest in a process of its own, outside any folder whose settings it could take.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import Environment, TemplateSyntaxError

from app.hookspecs import SettingField
from app.plugin_manager import Failed, Plugin, PluginState
from app.services.directory import directory
from app.services.plugins.checked import LONGEST_WORDS, Checked, Result, keep_check
from app.services.plugins.installed import found, installed, settings_of
from app.services.plugins.migrate import missing_tables
from app.services.plugins.prices import wrong_prices
from app.services.plugins.registered import REGISTERING_SECONDS, WRONG, wrong_list
from app.settings import ROOT

KIT_SECONDS = 900


def check_plugin(name: str, now: datetime) -> Checked:
    """Check a plugin that was found, and keep the result for its page."""
    plugin = found(name)
    results = tuple(_results(plugin, now))
    checked = Checked(plugin.name, plugin.version, now, results)
    keep_check(checked)
    return checked


def _results(plugin: Plugin, now: datetime) -> Iterator[Result]:
    is_refused = plugin.state is PluginState.REFUSED and plugin.tables_problem is None
    yield Result("it loads", not is_refused, plugin.reason or "" if is_refused else "")
    if is_refused:
        return
    yield Result("it has hooks", bool(plugin.hooks), ", ".join(plugin.hooks) or "There are none.")
    if plugin.warnings:
        yield Result("it rests on nothing that will go", None, " ".join(plugin.warnings))
    yield from (_field(field) for field in plugin.fields)
    yield from _templates(plugin)
    if plugin.migrations is not None:
        problem = missing_tables(plugin)
        yield Result("its tables are there", problem is None, problem or "")
    yield from _brought(plugin, now)
    if plugin.conformance is None:
        yield Result("the conformance kit", None, "The manifest names no module with its tests.")
    else:
        yield from _kit(plugin.conformance)


def _field(field: SettingField) -> Result:
    words = "" if field.meaning.strip() else "Say what it means, for the operator."
    return Result(f"the setting {field.name}", not words, words)


def _templates(plugin: Plugin) -> Iterator[Result]:
    for path in sorted(plugin.templates.rglob("*.html")) if plugin.templates else ():
        words = ""
        try:
            Environment(autoescape=True).parse(path.read_text("utf-8"))
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            words = str(error)
        yield Result(f"the template {path.name}", not words, words)


def _brought(plugin: Plugin, now: datetime) -> Iterator[Result]:
    """Ask what it brings, with its present settings; deciders and observers are not tried."""
    settings = settings_of(plugin, directory().fresh(now))
    for hook in plugin.hooks:
        wrong: Callable[[Any], str | None]
        if hook == "action_prices":
            wrong = wrong_prices
        elif hook in WRONG:
            wrong = partial(wrong_list, wrong=WRONG[hook])
        else:
            continue
        answer = installed().call(
            plugin, hook, {}, settings, wrong, seconds=REGISTERING_SECONDS, harmless=True
        )
        words = answer.reason if isinstance(answer, Failed) else ""
        yield Result(f"what `{hook}` brings", not words, words)


def _kit(module: str) -> Iterator[Result]:
    """Run the tests in a module, and give a result for each."""
    with tempfile.TemporaryDirectory(prefix="coffer-check-") as folder:
        report = Path(folder) / "report.xml"
        try:
            done = _run(module, Path(folder), report)
        except subprocess.TimeoutExpired:
            yield Result("the conformance kit", False, f"It took longer than {KIT_SECONDS} s.")
            return
        results = list(_read(report)) if report.exists() else []
    if not results or done.returncode not in (0, 1):
        words = (done.stdout + done.stderr).strip()[-LONGEST_WORDS:] or "No test ran."
        yield Result("the conformance kit", False, words)
    yield from results


def _run(module: str, folder: Path, report: Path) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTEST_ADDOPTS": ""}
    command = (
        *(sys.executable, "-m", "pytest", "--quiet", "--pyargs", module, "--tb=short"),
        *("--import-mode=importlib", "-p", "no:cacheprovider", f"--junitxml={report}"),
        *("-c", "pytest.ini", "--rootdir", str(folder)),
    )
    return subprocess.run(  # noqa: S603 - the module that the plugin's manifest names
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=KIT_SECONDS,
        check=False,
    )


def _read(report: Path) -> Iterator[Result]:
    """Read pytest's report; what a provider declares to be lacking is told once."""
    lacks: dict[str, None] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it here
        yield _case(case)
        for each in case.iter("property"):
            if each.get("name") == "lacks":
                lacks[each.get("value", "")] = None
    for words in lacks:
        yield Result("declared to be lacking", None, words)


def _case(case: ET.Element) -> Result:
    what = case.get("name", "?").removeprefix("test_").replace("_", " ")
    for child in case:
        if child.tag in ("failure", "error"):
            return Result(what, False, (child.get("message") or child.text or "")[:LONGEST_WORDS])
        if child.tag == "skipped":
            return Result(what, None, child.get("message", ""))
    return Result(what, True)
