"""Paths of files: the same on every system, never outside of the app. And what fits a version."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.app_file import (
    Entry,
    changed_between,
    path_from,
    require_apart,
    require_fitting,
    text_in,
    why_from,
    with_its_line_ends,
)
from app.domain.refusals import InvalidRequest

GOOD = ["index.html", "a/b/c.txt", ".gitignore", "ü/日本.md", "a b.txt", "console.log", "comma,x"]
BAD = [
    *("", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "./a"),
    *("a\\b", "C:a", "c:/a", "a:b", "a\0b", "a\nb", "a\x7f", "a\u202eb", "a\ud800"),
    *("con", "Con.txt", "a/NUL", "com1.js", ".git/config", "a/.GIT/x", "a.", "a /b", " a", "a?"),
    "x" * 201,
]


@pytest.mark.parametrize("path", GOOD)
def test_a_good_path_stays_as_it_is(path):
    assert path_from(path) == path


@pytest.mark.parametrize("path", BAD)
def test_a_bad_path_is_refused_with_words_that_can_be_shown(path):
    with pytest.raises(InvalidRequest) as refused:
        path_from(path)
    assert refused.value.errors[0][0] == "path"
    assert refused.value.detail.isprintable()


def test_one_spelling_of_letters_with_accents():
    assert path_from("e\u0301.txt") == "\u00e9.txt"


PIECES = st.sampled_from(["a", "..", ".", "/", "\\", "\0", "C:", "nul", " ", "é", "e\u0301", "x.y"])


@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=8).map("".join)))
def test_whatever_is_let_through_stays_inside(text):
    try:
        path = path_from(text)
    except InvalidRequest:
        return
    assert path_from(path) == path
    assert posixpath.normpath(posixpath.join("/app", path)) == f"/app/{path}"
    assert path.isprintable()
    assert "\\" not in path


@pytest.mark.parametrize("pair", [("a", "A"), ("Straße", "STRASSE"), ("a", "a/b"), ("A/b", "a")])
def test_what_would_meet_on_some_system_is_refused(pair):
    with pytest.raises(InvalidRequest):
        require_apart(pair)


def test_what_lies_apart_is_not():
    require_apart(["a/b", "a/c", "ab", "b/a"])


@pytest.mark.parametrize(
    "entries",
    [
        {f"f{number}": Entry("0", 1) for number in range(501)},
        {"f": Entry("0", 1024 * 1024 + 1)},
        {f"f{number}": Entry("0", 1024 * 1024) for number in range(11)},
    ],
)
def test_a_version_has_limits(entries):
    with pytest.raises(InvalidRequest):
        require_fitting(entries)


def test_the_limits_themselves_fit():
    require_fitting({f"f{number}": Entry("0", 1) for number in range(500)})
    require_fitting({f"f{number}": Entry("0", 1024 * 1024) for number in range(10)})


def test_what_changed():
    before = {"a": Entry("1", 1), "b": Entry("1", 1), "c": Entry("1", 1)}
    after = {"a": Entry("1", 1), "b": Entry("2", 1), "d": Entry("1", 1)}
    assert changed_between(before, after) == {"b", "c", "d"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        ("é\n\t".encode(), "é\n\t"),
        (b"\xff", None),
        (b"a\0", None),
        (b"\x1b[1m", "\x1b[1m"),
    ],
)
def test_text_is_told_from_the_rest(content, text):
    assert text_in(content) == text


def test_a_form_does_not_change_line_ends():
    assert with_its_line_ends("a\r\nb\r\n", "a\n") == "a\nb\n"
    assert with_its_line_ends("a\r\nb\r\n", "a\r\n") == "a\r\nb\r\n"
    assert with_its_line_ends("a\r\nb", "a\r\nc\n") == "a\nb"
    assert with_its_line_ends("a\r\nb", "") == "a\nb"


def test_why_is_one_line():
    assert why_from("  fix\nthe  menu ") == "fix the menu"
    for bad in ("x" * 201, "a\0b", "a\u202eb"):
        with pytest.raises(InvalidRequest):
            why_from(bad)
