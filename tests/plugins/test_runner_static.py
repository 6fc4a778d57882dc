"""The runner for static sites gives a version's files back, or says which one is missing."""

import pytest

from app.hookspecs import Deployed, GaveUp, Task
from app.services.directory import directory
from app.services.plugins.registered import registered
from plugins.runner_static import StaticRunner
from tests.conftest import START


def task(**files):
    given = {path.replace("_", "."): b"x" for path in files}
    return Task("action_1", "deploy", "deploy", "acme", "app_1", "Shop", files=given)


def test_it_is_on_out_of_the_box(app):
    brought = registered("app_runners", directory().fresh(START))
    assert ("runner_static", "static") in [(plugin.name, one.key) for plugin, one in brought]


def test_files_are_given_back_as_they_are():
    assert StaticRunner().deploy(task(index_html=1)) == Deployed(site={"index.html": b"x"})


@pytest.mark.parametrize(
    ("files", "words"), [({}, "Add one"), ({"dist/index_html": 1}, "only dist/index.html")]
)
def test_a_missing_page_is_named(files, words):
    answer = StaticRunner().deploy(task(**files))
    assert isinstance(answer, GaveUp)
    assert words in answer.reason


def test_it_generates_nothing():
    (step,) = StaticRunner().generate(task())
    assert isinstance(step, GaveUp)
