"""Checks of plugins: what the kit found is kept, whatever the tests do."""

import pytest

from app.hookspecs import Manifest, SettingField
from app.services.plugins import check
from app.services.plugins.check import check_plugin
from app.services.plugins.checked import last_check
from tests.conftest import START
from tests.plugins.packages import installed_with, made_of, module_in, write_revision

TESTS = '''
import pytest

def test_it_pays(record_property):
    record_property("lacks", "disputes: nobody disputes")

def test_it_pays_once(record_property):
    record_property("lacks", "disputes: nobody disputes")
    assert 2 == 1, "paid twice"

@pytest.mark.skip(reason="no refunds yet")
def test_it_refunds():
    """Gives back."""
'''

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """Write a module of tests that can be imported by the name it gets."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(text, name="their_tests"):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
        return Manifest("shop", "1.2", "Sells.", conformance=name)

    return write


def told(name="shop"):
    return {each.what: (each.passed, each.words) for each in check_plugin(name, START).results}


def test_what_the_tests_found_is_kept_for_the_page(app, kit):
    installed_with(made_of(manifest=kit(TESTS), before_deduction=lambda: None))
    results = told()
    assert results["it pays"] == (True, "")
    assert results["it pays once"][0] is False
    assert "paid twice" in results["it pays once"][1]
    assert results["it refunds"] == (None, "no refunds yet")
    assert results["declared to be lacking"] == (None, "disputes: nobody disputes")
    kept = last_check("shop")
    assert (kept.version, kept.at, kept.passed) == ("1.2", START, False)
    assert {each.what for each in kept.results} == results.keys()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nothing_like_it", "nothing_like_it"),
        ("", "no tests ran"),
        ("raise SystemExit(0)", "SystemExit"),
    ],
)
def test_tests_that_do_not_run_fail_the_check(app, kit, text, words):
    installed_with(made_of(manifest=kit(text), before_deduction=lambda: None))
    results = told()
    assert not check_plugin("shop", START).passed
    assert any(words in said for passed, said in results.values() if passed is False)


@pytest.mark.slow
def test_tests_that_hang_fail_the_check(app, kit, monkeypatch):
    monkeypatch.setattr(check, "KIT_SECONDS", 2)
    text = "import threading\ndef test_it(): threading.Event().wait(30)"
    installed_with(made_of(manifest=kit(text), before_deduction=lambda: None))
    assert told()["the conformance kit"] == (False, "It took longer than 2 s.")


def test_what_can_be_seen_without_tests(app, tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "bad.html").write_text("{% if %}", "utf-8")
    write_revision(tmp_path / "steps", "0001", "pass")
    text = """
from app.hookspecs import Manifest, SettingField, hookimpl
manifest = Manifest("notes", "1", "", templates="pages", migrations="steps",
                    settings=(SettingField("limit", "integer", " ", 1),))
@hookimpl
def pages():
    return ["journal"]
"""
    installed_with(module_in(tmp_path, text, "notes_to_check"))
    results = told("notes")
    failed = {what for what, (passed, _) in results.items() if passed is False}
    assert failed == {
        "the setting limit",
        "the template bad.html",
        "its tables are there",
        "what `pages` brings",
    }


def test_a_plugin_that_is_refused_fails_at_once(app):
    manager = installed_with(
        made_of(manifest=Manifest("shop", "1", "", settings=(SettingField("A", "text", "", ""),))),
        on=False,
    )
    (name,) = manager.plugins
    (result,) = check_plugin(name, START).results
    assert (result.what, result.passed) == ("it loads", False)
    assert "small letters" in result.words
