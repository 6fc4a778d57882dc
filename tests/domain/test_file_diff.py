"""Differences between two versions of a file: each line with a sign that needs no colour."""

import random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.file_diff import CAME, MOST_LINES, SAME, WENT, file_diff


def test_lines_that_came_and_went():
    found = file_diff("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\nfour\n")
    assert [(line.sign, line.before, line.after, line.text) for line in found.lines] == [
        (" ", 1, 1, "one"),
        (WENT, 2, None, "two"),
        ("+", None, 2, "2"),
        (" ", 3, 3, "three"),
        ("+", None, 4, "four"),
    ]
    assert (found.kind, found.added, found.removed) == ("changed", 2, 1)


def test_what_lies_far_apart_is_cut():
    old = [str(number) for number in range(100)]
    new = ["first", *old[1:-1], "last"]
    found = file_diff("a", "\n".join(old).encode(), "\n".join(new).encode())
    assert [line.sign for line in found.lines].count("…") == 1
    assert len(found.lines) < 20


def test_files_that_came_or_went():
    assert file_diff("a", None, b"x").kind == "added"
    assert file_diff("a", b"x", None).kind == "deleted"


def test_what_is_no_text_or_too_long_is_not_compared_by_lines():
    assert file_diff("a.png", b"\0", b"x").lines is None
    assert file_diff("a", b"", b"x\n" * (MOST_LINES + 1)).lines is None


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


@given(LINES, LINES)
def test_both_versions_can_be_told_from_the_lines(old, new):
    one, other = ("".join(f"{line}\n" for line in lines).encode() for lines in (old, new))
    lines = file_diff("a", one, other).lines
    for line in lines:
        if line.sign in (SAME, WENT):
            assert old[line.before - 1] == line.text
        if line.sign in (SAME, CAME):
            assert new[line.after - 1] == line.text
    came = [line.text for line in lines if line.sign == CAME]
    went = [line.text for line in lines if line.sign == WENT]
    assert len(new) - len(old) == len(came) - len(went)


def test_the_worst_two_versions_take_no_long_time():
    """As many lines as are compared, all there, all elsewhere: a bound on the work, not a time."""
    lines = [f"line {number}\n" for number in range(MOST_LINES)]
    mixed = lines.copy()
    random.Random(1).shuffle(mixed)
    found = file_diff("a", "".join(lines).encode(), "".join(mixed).encode())
    assert found.added == found.removed
