"""Names and texts that people type: tidied, bounded, and free of what deceives the eye.

The same form is kept everywhere (NFC), so that two equal looking names compare equal.
"""

from __future__ import annotations

import unicodedata

from app.domain.refusals import InvalidRequest

LONGEST_NAME = 100
LONGEST_TEXT = 2000
# They turn the direction of what follows, so that a name shows something else than it is.
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")


def name_from(text: str, field: str = "name") -> str:
    """Tidy a name of one line; raise `InvalidRequest` when it can't serve as one."""
    name = _tidy(text)
    if not name:
        raise InvalidRequest.of(field, "Write a name.")
    if len(name) > LONGEST_NAME:
        raise InvalidRequest.of(field, f"Use at most {LONGEST_NAME} characters.")
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in name):
        raise InvalidRequest.of(field, "Use at least one letter, digit or sign that can be seen.")
    if not all(map(is_plain, name)):
        raise InvalidRequest.of(field, "Use one line, without control characters.")
    if "://" in name:
        raise InvalidRequest.of(field, "A name must not be a link.")
    return name


def text_from(text: str, field: str) -> str:
    """Tidy a text of several lines; raise `InvalidRequest` when it is too long or hides things."""
    tidied = _tidy(text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(tidied) > LONGEST_TEXT:
        raise InvalidRequest.of(field, f"Use at most {LONGEST_TEXT} characters.")
    if not all(letter in "\n\t" or is_plain(letter) for letter in tidied):
        raise InvalidRequest.of(field, "Use no control characters.")
    return tidied


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are spelled alike, but for blanks around them."""
    return _tidy(one) == _tidy(other)


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def is_plain(letter: str) -> bool:
    """Tell whether a letter shows what it is: no control character, nothing that turns the text."""
    return letter not in _BIDI_OVERRIDES and unicodedata.category(letter) not in _INVISIBLE
