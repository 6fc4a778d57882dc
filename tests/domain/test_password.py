"""Passwords: 10 to 200 characters, not the address, in one Unicode form."""

import pytest

from app.domain.password import comparable_password, password_from
from app.domain.refusals import InvalidRequest

ADDRESS = "bob.baker@acme.test"


@pytest.mark.parametrize("text", ["0123456789", "x1" * 100, "пароль длинный", "with spaces in it"])
def test_password_is_accepted(text):
    assert password_from(text, ADDRESS) == text


@pytest.mark.parametrize(
    "text",
    ["", "012345678", "x1" * 100 + "x", ADDRESS, ADDRESS.upper(), "a" * 12, "012345678\ud800"],
)
def test_weak_password_is_refused(text):
    with pytest.raises(InvalidRequest) as refused:
        password_from(text, ADDRESS, "new_password")
    assert refused.value.errors[0][0] == "new_password"


def test_one_password_has_one_form():
    assert comparable_password("cafe\u0301-\uff11") == comparable_password("café-1")
