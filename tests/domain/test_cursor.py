"""Cursors: handed back as they were given, refused otherwise."""

import pytest

from app.domain.cursor import cursor_of, numbers_of_cursor
from app.domain.refusals import InvalidRequest


def test_cursor_is_read_back():
    assert numbers_of_cursor(cursor_of(17, 42), 2) == (17, 42)


@pytest.mark.parametrize(
    "text", ["", "17", "17-42-1", "17-x", "-1-2", "1" * 19 + "-1", "\u0661-\u0662"]
)
def test_foreign_cursor_is_refused(text):
    with pytest.raises(InvalidRequest):
        numbers_of_cursor(text, 2)
