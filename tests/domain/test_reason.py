"""Reasons that people give."""

import pytest

from app.domain.reason import LONGEST_REASON, reason_from, reason_or_none
from app.domain.refusals import InvalidRequest


def test_a_reason_is_one_tidy_line():
    assert reason_from("  They\nwaited\x00\u202e  long ") == "They waited long"


@pytest.mark.parametrize("text", ["", "  \n", "\x00\u202e"])
def test_nothing_to_read_is_no_reason(text):
    assert reason_or_none(text) is None
    with pytest.raises(InvalidRequest, match="Say why"):
        reason_from(text)


@pytest.mark.parametrize("read", [reason_from, reason_or_none])
def test_a_reason_has_an_end(read):
    assert read("x" * LONGEST_REASON) == "x" * LONGEST_REASON
    with pytest.raises(InvalidRequest, match="300"):
        read("x" * (LONGEST_REASON + 1))
