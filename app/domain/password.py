"""Passwords: long enough to be worth something, short enough to be hashed at once."""

from __future__ import annotations

import unicodedata

from app.domain.refusals import InvalidRequest

SHORTEST, LONGEST = 10, 200


def password_from(text: str, email: str, field: str = "password") -> str:
    """Check a new password and give it in the form that is hashed."""
    password = comparable_password(text)
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequest.of(field, f"Use {SHORTEST} to {LONGEST} characters.")
    if any(unicodedata.category(letter) == "Cs" for letter in password):
        raise InvalidRequest.of(field, "Use whole Unicode characters.")
    if password.casefold() == email.casefold():
        raise InvalidRequest.of(field, "Don't use your address as your password.")
    if len(set(password)) == 1:
        raise InvalidRequest.of(field, "Don't repeat one character.")
    return password


def comparable_password(text: str) -> str:
    """Bring a password into one form, because keyboards spell the same letter differently."""
    return unicodedata.normalize("NFKC", text)
