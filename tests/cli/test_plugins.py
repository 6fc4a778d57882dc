"""The command's plugins: settings from standard input, checks, and a package to begin with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def listed(answer):
    return lambda name: next(one for one in answer("plugins", "list") if one["name"] == name)


def test_switches_and_shadow_are_told_in_the_list(installed, listed):
    assert listed("house_rules")["state"] == "off"
    for words in (("on", "house_rules"), ("shadow", "house_rules")):
        assert installed("plugins", *words).exit_code == 0
    assert (listed("house_rules")["state"], listed("house_rules")["in_shadow"]) == ("on", True)
    assert "house_rules 1.0: on, in shadow mode." in installed("plugins", "list").stdout
    installed("plugins", "shadow", "house_rules", "--end")
    installed("plugins", "off", "house_rules")
    assert (listed("house_rules")["state"], listed("house_rules")["in_shadow"]) == ("off", False)


def test_a_setting_comes_as_an_argument_or_from_standard_input(installed, listed):
    installed("plugins", "set", "house_rules", "discount_percent", "10")
    installed("plugins", "set", "house_rules", "frozen_actions", "--stdin", stdin="deploy\n")
    settings = listed("house_rules")["settings"]
    assert (settings["discount_percent"], settings["frozen_actions"]) == (10, "deploy")
    for wrong in ((), ("a", "--stdin")):
        assert installed("plugins", "set", "house_rules", "frozen_actions", *wrong).exit_code == 2
    missing = installed("plugins", "set", "house_rules", "wish", "1")
    assert (missing.exit_code, "has no such setting" in missing.stderr) == (1, True)


def test_a_plugin_without_a_kit_is_checked_for_what_can_be_seen(installed):
    done = installed("plugins", "check", "house_rules", "--json")
    assert done.exit_code == 0
    checked = json.loads(done.stdout)
    assert checked["passed"] is True
    passed = {each["what"]: each["passed"] for each in checked["results"]}
    assert passed["it loads"] is passed["what `action_prices` brings"] is True
    assert passed["the conformance kit"] is None
    words = installed("plugins", "check", "journal").stdout
    assert "passed    the template journal.html" in words
    assert "passed    its tables are there" in words
    assert words.endswith("journal 1.0 passed.\n")


def test_what_a_plugin_brings_in_a_wrong_way_fails_its_check(installed):
    installed("plugins", "set", "house_rules", "own_actions", "report.pdf=0")
    done = installed("plugins", "check", "house_rules")
    assert done.exit_code == 1
    assert "FAILED    what `action_prices` brings: the price of report.pdf" in done.stdout
    assert installed("plugins", "check", "nobody").exit_code == 1


def test_a_package_is_written_whose_tests_pass_at_once(installed, tmp_path):
    done = installed("plugins", "new", "acme-pay", "--in", str(tmp_path))
    assert done.exit_code == 0, done.output
    package = tmp_path / "acme-pay"
    written = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert written == {
        ".github/workflows/test.yml",
        ".gitignore",
        "README.md",
        "acme_pay/__init__.py",
        "acme_pay/conformance.py",
        "acme_pay/provider.py",
        "acme_pay/py.typed",
        "acme_pay/sandbox.py",
        "pyproject.toml",
    }
    text = "".join((package / path).read_text("utf-8") for path in written)
    assert "my_billing" not in text.lower().replace("-", "_")
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=package,
        env={"PYTHONPATH": f"{ROOT}:{package}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert tests.returncode == 0, tests.stdout
    assert "lacks manage page: a sandbox has no means of payment" in tests.stdout


def test_nothing_is_written_over_or_under_an_odd_name(installed, tmp_path):
    for name in ("My Billing", "x", "../elsewhere", "a" * 50, "1st"):
        done = installed("plugins", "new", name, "--in", str(tmp_path))
        assert (done.exit_code, "small letters" in done.stderr) == (1, True)
    (tmp_path / "taken").mkdir()
    done = installed("plugins", "new", "taken", "--in", str(tmp_path))
    assert (done.exit_code, "nothing was written" in done.stderr) == (1, True)
    assert list(Path(tmp_path / "taken").iterdir()) == []
