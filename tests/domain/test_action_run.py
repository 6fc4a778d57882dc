"""The rules of actions: how they move on, which size is suggested, what may be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.action_run import (
    LONGEST_PROMPT,
    MOST_ATTEMPTS,
    SIZES,
    ActionKind,
    RunState,
    after_crash,
    after_stop,
    moved,
    prompt_from,
    short_of,
    size_named,
    suggest,
    why_of,
)
from app.domain.refusals import Conflict, InvalidRequest

GENERATE, REFINE, DEPLOY = ActionKind
LONG = "word " * 100


@given(st.lists(st.sampled_from(RunState), max_size=10))
def test_an_action_ends_once(wanted):
    state, ends = RunState.QUEUED, 0
    for to in wanted:
        try:
            state = moved(state, to)
        except Conflict:
            continue
        ends += state.is_over
    assert ends == state.is_over


def test_only_what_runs_succeeds():
    with pytest.raises(Conflict):
        moved(RunState.QUEUED, RunState.SUCCEEDED)


def test_what_becomes_of_it_when_its_process_ends():
    assert after_crash(GENERATE, 1) is after_crash(REFINE, 1) is RunState.FAILED
    assert after_crash(DEPLOY, 1) is after_stop(1) is RunState.QUEUED
    assert after_crash(DEPLOY, MOST_ATTEMPTS) is after_stop(MOST_ATTEMPTS) is RunState.FAILED


@pytest.mark.parametrize(
    ("kind", "prompt", "files", "action"),
    [
        (GENERATE, "A clock", 0, "generate.simple"),
        (GENERATE, "Three pages", 0, "generate.standard"),
        (GENERATE, LONG, 0, "generate.standard"),
        (GENERATE, "Pages with a login", 0, "generate.fullstack"),
        (GENERATE, "Keep it in a DATABASE", 0, "generate.fullstack"),
        (GENERATE, "capital", 0, "generate.simple"),
        (REFINE, "Blue", 3, "refine.simple"),
        (REFINE, "Blue", 4, "refine.complex"),
        (REFINE, LONG, 1, "refine.complex"),
        (DEPLOY, "", 9, "deploy"),
    ],
)
def test_the_size_that_is_suggested(kind, prompt, files, action):
    suggestion = suggest(kind, prompt, files)
    assert suggestion.size.action == action
    assert suggestion.why.endswith(".")


def test_sizes_grow_with_their_prices():
    for sizes in SIZES.values():
        assert [each.most_files for each in sizes] == sorted(each.most_files for each in sizes)
    assert size_named(DEPLOY, "deploy").action == "deploy"
    with pytest.raises(InvalidRequest, match=r"refine\.simple"):
        size_named(REFINE, "generate.simple")


def test_what_may_be_asked():
    assert prompt_from(" a\r\nb ", GENERATE) == "a\nb"
    assert prompt_from("whatever", DEPLOY) == ""
    for wrong in ("", "\n", "x" * (LONGEST_PROMPT + 1), "a\x00b", "a\u202eb", "\ud800"):
        with pytest.raises(InvalidRequest):
            prompt_from(wrong, REFINE)


@given(st.text(max_size=600))
def test_what_others_say_becomes_one_short_line(text):
    for line in (short_of(text, 50), why_of(GENERATE, text, 50)):
        assert len(line) <= 50
        line.encode()
        assert not {"\n", "\x00", "\u202e"} & set(line)
