"""The runner: the official client, against a server that we did not write and one that fails."""

import socket

import pytest

from app.domain.action_run import ActionKind, RunState
from app.hookspecs import GaveUp, Piece, Removed, Task, Wrote
from app.services.actions.read import follow
from app.services.apps.save_version import save_version
from app.services.apps.versions import read_version
from plugins import runner_openai
from plugins.runner_openai import manifest
from plugins.runner_openai.asking import MOST_SHOWN, messages
from plugins.runner_openai.runner import OpenAiRunner
from plugins.runner_openai.stand_in import PAGE, standing_in
from tests.plugins.packages import installed_with
from tests.services.actions.conftest import story  # noqa: F401 - the fixture
from tests.services.conftest import build, cast, cast_scene  # noqa: F401 - the fixtures

DEFAULTS = {field.name: field.default for field in manifest.settings}
ECHO = "gpt-4.1:mock-delay"  # answers with its prompt


def runner(base_url, **settings):
    return OpenAiRunner({**DEFAULTS, "base_url": base_url, "model": "m", **settings})


def task(kind="generate", **changes):
    given = {
        "reference": "action_1",
        "kind": kind,
        "action": f"{kind}.simple",
        "account": "acme",
        "app": "app_1",
        "app_name": "Shop",
        "prompt": "A page",
    }
    return Task(**(given | changes))


@pytest.fixture
def model():
    with standing_in() as found:
        yield found


def last(steps):
    steps = list(steps)
    return steps[-1]


def test_a_server_that_we_did_not_write_streams(ai_upstream):
    steps = list(runner(ai_upstream, model=ECHO).generate(task(prompt="A page for a shop")))
    pieces = [step.text for step in steps if isinstance(step, Piece)]
    assert len(pieces) > 1
    assert "A page for a shop" in "".join(pieces)
    assert "wrote no file" in steps[-1].reason  # it repeats words, and knows no lines


def test_a_server_that_we_did_not_write_fails(ai_upstream):
    asked = runner(ai_upstream, model="gpt-4.1:mock-500")
    assert "status 500" in last(asked.generate(task())).reason


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda a: a.refuse(401), "refuses the key"),
        (lambda a: a.refuse(404), "doesn't know this model"),
        (lambda a: a.refuse(429), "too much to do"),
        (lambda a: a.refuse(500), "failed with status 500"),
        (lambda a: a.write(PAGE, "length"), "reached its limit"),
        (lambda a: a.write(PAGE, "content_filter"), "refuses to write"),
        (lambda a: a.write(PAGE, "tool_calls"), "instead of files"),
        (lambda a: a.write(PAGE, None), "broke off in the middle"),
        (lambda a: a.write(PAGE, None, whole=False), "reached, or broke off"),
        (lambda a: a.write("Sorry."), "wrote no file"),
        (lambda a: a.wfile.write(b"nonsense\r\n\r\n"), "can't be reached"),
    ],
)
def test_faults_are_said_in_a_sentence(model, act, words):
    model.act = act
    found = last(runner(model.base_url).generate(task()))
    assert isinstance(found, GaveUp)
    assert words in found.reason
    assert found.reason.endswith(".")


def test_a_model_that_is_silent_or_not_there(model):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        asked = runner(url, silence_seconds=1)
        assert "in time" in last(asked.generate(task())).reason
    assert "can't be reached" in last(runner(url).generate(task())).reason
    for nonsense in ("not an address", "ftp://x", "http://[", "http://x y/"):
        assert last(runner(nonsense).generate(task())).reason.endswith(".")


def test_the_key_and_the_files_that_are_there_are_sent(model):
    found = runner(model.base_url, api_key="secret-key")
    files = {"index.html": b"<h1>Old</h1>", "logo.png": b"\xff\x00", "big.txt": b"x" * MOST_SHOWN}
    steps = list(found.generate(task("refine", files=files, prompt="Newer")))
    assert Wrote("index.html", b"<!doctype html>\n<h1>Shop</h1>\n") in steps
    assert model.keys == ["Bearer secret-key"]
    system, there, asked = (each["content"] for each in model.asked[0]["messages"])
    assert "@@@ FILE index.html\n<h1>Old</h1>\n@@@ END" in there
    assert "logo.png, 2 bytes" in there
    assert "big.txt" in there
    assert len(there) < MOST_SHOWN
    assert asked.endswith("Newer")
    assert "@@@ DELETE" in system


def test_what_is_deleted_is_removed(model):
    model.act = lambda answering: answering.write("@@@ DELETE old.html\n")
    assert Removed("old.html") in list(runner(model.base_url).generate(task("refine")))


@pytest.mark.parametrize("action", ["generate.simple", "generate.standard", "generate.fullstack"])
def test_the_model_is_told_the_size(action):
    assert "file" in messages(task(action=action))[-1]["content"].split("\n")[0]


def test_nothing_configured_says_what_to_set_and_where():
    words = OpenAiRunner(DEFAULTS).not_ready()
    assert "base_url, api_key, model" in words
    assert "Plugins" in words
    needs_key = OpenAiRunner({**DEFAULTS, "model": "gpt"}).not_ready()
    assert "api_key" in needs_key
    assert runner("http://localhost:1/v1").not_ready() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_app_is_generated_and_refined_from_end_to_end(story, cast, model):  # noqa: F811
    from app.services.plugins.set_fields import set_setting

    installed_with(runner_openai, time_box=5)
    set_setting("runner_openai", "base_url", model.base_url)
    set_setting("runner_openai", "model", "m")
    set_setting("runner_openai", "api_key", "k")
    row = story.done(prompt="A shop")
    assert (row.state, row.captured, row.error) == (RunState.SUCCEEDED, 1, "")
    said = "".join(s.text for s in follow(cast.access("bob"), row.id, 0).steps if s.kind == "piece")
    assert said == PAGE
    save_version(cast.access("bob"), story.app_id, {"notes.txt": b"mine"}, "", cast.now)
    model.act = lambda answering: answering.write("@@@ FILE index.html\nnew\n@@@ END\n")
    row = story.done(ActionKind.REFINE, "Newer")
    assert row.state is RunState.SUCCEEDED
    files = read_version(cast.access("bob"), story.app_id).files.read_all()
    assert files == {"index.html": b"new\n", "notes.txt": b"mine"}
    story.require_sound()
