"""Names and texts: tidied, bounded, and free of what deceives the eye."""

import pytest

from app.domain.name import name_from, same_name, text_from
from app.domain.refusals import InvalidRequest


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Acme  ", "Acme"),
        ("Cafe\u0301", "Café"),
        ("株式会社", "株式会社"),
        ("🚀", "🚀"),
        ("O'Neil <b>", "O'Neil <b>"),
        ("مرحبا", "مرحبا"),
        ("x" * 100, "x" * 100),
    ],
)
def test_name_is_tidied(typed, kept):
    assert name_from(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x" * 101,
        "two\nlines",
        "nul\0",
        "bell\a",
        "abc\u202egpj.exe",
        "abc\u2066def",
        "a\u2028b",
        "a\ud800",
        "\u200b\u200b",
        "\u0301",
        "https://evil.test",
    ],
)
def test_name_that_deceives_is_refused(typed):
    with pytest.raises(InvalidRequest) as refused:
        name_from(typed, "title")
    assert refused.value.errors[0][0] == "title"


def test_text_keeps_its_lines():
    assert text_from(" one\r\ntwo\r\tthree ", "description") == "one\ntwo\n\tthree"


@pytest.mark.parametrize("typed", ["x" * 2001, "nul\0", "a\u202eb"])
def test_text_has_bounds(typed):
    with pytest.raises(InvalidRequest):
        text_from(typed, "description")


def test_names_are_compared_as_they_look():
    assert same_name(" Cafe\u0301 ", "Café")
    assert not same_name("acme", "Acme")
