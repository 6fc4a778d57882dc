"""Pasted addresses: from a text, a spreadsheet, a mail program."""

import pytest

from app.domain.address import addresses_in


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("", []),
        ("a@x.test", ["a@x.test"]),
        ("a@x.test b@x.test\nc@x.test", ["a@x.test", "b@x.test", "c@x.test"]),
        ("a@x.test, b@x.test; c@x.test;", ["a@x.test", "b@x.test", "c@x.test"]),
        ('"Baker, Bob" <b@x.test>, Ann <a@x.test>', ["b@x.test", "a@x.test"]),
        ("Bob,b@x.test\nAnn,a@x.test", ["b@x.test", "a@x.test"]),
        ("name;e-mail\nBob;b@x.test\r\n", ["b@x.test"]),
        ("\ufeffEmail\nb@x.test", ["b@x.test"]),
        ("b@x.test\nnobody\n\nc@x.test", ["b@x.test", "nobody", "c@x.test"]),
        ("b@x.test\nbroken@\n", ["b@x.test", "broken@"]),
    ],
)
def test_addresses_are_found(pasted, found):
    assert addresses_in(pasted) == found
