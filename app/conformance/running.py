"""CONFORMANCE of app runners: subclass `RunnerConformance`, give the fixture `bench`.

```python
class TestMyRunner(RunnerConformance):
    @pytest.fixture
    def bench(self):
        return MyBench()  # see `RunnerBench`
```

What a runner says that it doesn't do it is held to refusing; nothing is skipped.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from itertools import islice
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from app.hookspecs import (
    AppRunner,
    Deployed,
    GaveUp,
    Piece,
    Progress,
    Removed,
    Step,
    Task,
    Wrote,
)

__all__ = ["RunnerBench", "RunnerConformance"]

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
STEPS = (Progress, Piece, Wrote, Removed, GaveUp)
MOST_STEPS = 100_000
STOPS_WITHIN = 200
PAGE = b"<!doctype html>\n<title>Shop</title>\n<h1>Shop</h1>\n"
FILES = {
    "index.html": PAGE,
    "notes/read me.txt": b"Read me.\n",
    "logo.png": b"\x89PNG\r\n\x1a\n\xff",
}
ROUGH = ("?", "{0} %s ${x} \\", "ä 漢字 🙂", "@@@ END\n```\n", "x" * 20_000)


class RunnerBench(Protocol):
    """What the fixture gives. `runner` is ready; `unready` has nothing set, if that can be.

    `prompt` is a request that it can carry out, for `generate` and for `refine` of a page.
    """

    runner: AppRunner
    unready: AppRunner | None
    prompt: str

    def go_away(self) -> bool:
        """Let the world outside be out of reach from now on; False if it needs none."""


def task_of(kind: str, prompt: str, **changes: object) -> Task:
    """A task such as Coffer gives."""
    action = {"generate": "generate.standard", "refine": "refine.complex"}.get(kind, kind)
    files = {} if kind == "generate" else dict(FILES)
    task = Task(
        reference="action_7",
        kind=kind,  # type: ignore[arg-type]
        action=action,
        account="acme",
        app="app_3",
        app_name="Shop",
        prompt="" if kind == "deploy" else prompt,
        version=None if kind == "generate" else "2",
        files=files,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


def steps_of(runner: AppRunner, task: Task) -> list[Step]:
    """All steps of a task, each of an exact kind with an exact content."""
    steps = list(islice(runner.generate(task), MOST_STEPS + 1))
    assert len(steps) <= MOST_STEPS, "it never ends"
    for step in steps:
        assert type(step) in STEPS, step
        for name in ("text", "reason", "path"):
            assert type(getattr(step, name, "")) is str, step
        if isinstance(step, Wrote):
            assert type(step.content) is bytes, step
    assert not any(isinstance(step, GaveUp) for step in steps[:-1]), "it goes on after it gave up"
    return steps


def gave_up(steps: list[Step]) -> str | None:
    """Why it gave up; None when it didn't."""
    last = steps[-1] if steps else None
    return last.reason if isinstance(last, GaveUp) else None


def is_sentence(words: str) -> bool:
    """Tell whether it is written for people: a sentence of some words, and no traceback."""
    return len(words.split()) > 1 and words.rstrip().endswith((".", "!", "?")) and "\n" not in words


class RunnerConformance:
    """The tests. Subclass it, and define the fixture `bench`."""

    @pytest.fixture
    def bench(self) -> RunnerBench:
        """Override: the runner, and the world around it."""
        raise NotImplementedError

    def test_it_names_itself(self, bench: RunnerBench) -> None:
        """The key goes into the books for ever; the title is what people choose."""
        assert KEY.fullmatch(bench.runner.key)
        assert bench.runner.title.strip()

    def test_it_says_what_it_does(self, bench: RunnerBench) -> None:
        """It does one thing at least."""
        assert type(bench.runner.generates) is bool
        assert type(bench.runner.deploys) is bool
        assert bench.runner.generates or bench.runner.deploys

    def test_it_says_what_must_be_set(self, bench: RunnerBench) -> None:
        """With all set it is ready; with nothing set it says what is missing, and gives up."""
        assert bench.runner.not_ready() is None
        if bench.unready is not None:
            words = bench.unready.not_ready()
            assert words is not None
            assert is_sentence(words)
            assert gave_up(steps_of(bench.unready, task_of("generate", bench.prompt)))

    def test_it_generates_files_or_says_that_it_does_not(self, bench: RunnerBench) -> None:
        """At least one, with a path inside the app."""
        steps = steps_of(bench.runner, task_of("generate", bench.prompt))
        if not bench.runner.generates:
            assert is_sentence(gave_up(steps) or "")
            return
        assert gave_up(steps) is None, steps[-1]
        written = [step for step in steps if isinstance(step, Wrote)]
        assert written
        for step in written:
            parts = step.path.split("/")
            assert not {"", ".", ".."} & set(parts), step.path

    def test_it_refines_what_is_there(self, bench: RunnerBench) -> None:
        """It changes something, removes nothing that isn't there, and leaves the task alone."""
        task = task_of("refine", bench.prompt)
        before = deepcopy(dict(task.files))
        steps = steps_of(bench.runner, task)
        assert dict(task.files) == before
        if bench.runner.generates:
            assert gave_up(steps) is None, steps[-1]
            assert any(isinstance(step, Wrote | Removed) for step in steps)
        for step in steps:
            assert not isinstance(step, Removed) or step.path in before

    def test_it_keeps_nothing_of_a_task(self, bench: RunnerBench) -> None:
        """The same task again gives the same kinds of files, whatever was done in between."""
        if not bench.runner.generates:
            return
        first = steps_of(bench.runner, task_of("generate", bench.prompt))
        steps_of(bench.runner, task_of("refine", bench.prompt))
        again = steps_of(bench.runner, task_of("generate", bench.prompt, reference="action_8"))
        paths = [{s.path for s in each if isinstance(s, Wrote)} for each in (first, again)]
        assert paths[0] == paths[1]

    def test_many_at_once_do_not_meet(self, bench: RunnerBench) -> None:
        """Threads share a runner."""
        tasks = [task_of("generate", bench.prompt, reference=f"action_{n}") for n in range(4)]
        with ThreadPoolExecutor(len(tasks)) as pool:
            found = list(pool.map(lambda task: steps_of(bench.runner, task), tasks))
        paths = [{s.path for s in each if isinstance(s, Wrote)} for each in found]
        assert all(each == paths[0] for each in paths)

    def test_it_stops_when_nobody_waits(self, bench: RunnerBench) -> None:
        """Cancelled before it begins, or after its first step: it ends soon and raises nothing."""
        gone = task_of("generate", bench.prompt, cancelled=lambda: True)
        steps = steps_of(bench.runner, gone)
        assert len(steps) <= STOPS_WITHIN
        assert not any(isinstance(step, Wrote) for step in steps)
        seen = 0
        task = task_of("generate", bench.prompt, cancelled=lambda: seen > 0)
        for _ in islice(bench.runner.generate(task), MOST_STEPS):
            seen += 1
        assert seen <= STOPS_WITHIN

    @pytest.mark.parametrize("prompt", ROUGH, ids=range(len(ROUGH)))
    def test_a_rough_prompt_raises_nothing(self, bench: RunnerBench, prompt: str) -> None:
        """It writes something or gives up with a sentence."""
        steps = steps_of(bench.runner, task_of("generate", prompt))
        reason = gave_up(steps)
        assert reason is None or is_sentence(reason)

    def test_a_world_that_is_away_is_said_in_a_sentence(self, bench: RunnerBench) -> None:
        """Nothing is raised: whoever waits reads why."""
        if bench.go_away():
            kind = "generate" if bench.runner.generates else "deploy"
            task = task_of(kind, bench.prompt)
            if kind == "generate":
                assert is_sentence(gave_up(steps_of(bench.runner, task)) or "")
            else:
                answer = bench.runner.deploy(task)
                assert isinstance(answer, GaveUp)
                assert is_sentence(answer.reason)

    def test_it_deploys_or_says_that_it_does_not(self, bench: RunnerBench) -> None:
        """An https address, or files with an `index.html`: one of the two."""
        answer = bench.runner.deploy(task_of("deploy", ""))
        if not bench.runner.deploys:
            assert type(answer) is GaveUp
            assert is_sentence(answer.reason)
            return
        assert type(answer) is Deployed, answer
        assert (answer.address is None) != (answer.site is None)
        if answer.address is not None:
            parts = urlsplit(answer.address)
            assert parts.scheme == "https"
            assert parts.hostname
        else:
            assert type(answer.site) is dict
            assert "index.html" in answer.site
            assert all(type(content) is bytes for content in answer.site.values())

    def test_a_deployment_that_comes_again_changes_nothing_more(self, bench: RunnerBench) -> None:
        """The same reference, in the same place, with the same files."""
        task = task_of("deploy", "")
        before = deepcopy(dict(task.files))
        assert bench.runner.deploy(task) == bench.runner.deploy(task)
        assert dict(task.files) == before

    def test_nothing_to_deploy_is_said_in_a_sentence(self, bench: RunnerBench) -> None:
        """Without a file nobody can visit it."""
        answer = bench.runner.deploy(task_of("deploy", "", files={}))
        assert type(answer) is GaveUp
        assert is_sentence(answer.reason)
