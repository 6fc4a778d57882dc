"""VERBS: hash a password and check one, with Argon2id and always about the same work.

Hashing is slow on purpose, so it is done outside transactions.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.password import comparable_password

hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password that was checked before."""
    return hasher.hash(_bytes(password))


def password_matches(password_hash: str | None, password: str) -> bool:
    """Tell whether it is the password; without a hash to compare, do the work all the same."""
    try:
        hasher.verify(password_hash or _nobodys_hash(hasher), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_new_hash(password_hash: str) -> bool:
    """Tell whether the hash was made with other parameters than are in use now."""
    return hasher.check_needs_rehash(password_hash)


def fingerprint(person_id: int, password_hash: str | None) -> str:
    """A short sign that changes with the password, so that a link dies when it was used."""
    return hashlib.sha256(f"{person_id}:{password_hash or ''}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _nobodys_hash(maker: PasswordHasher) -> str:
    return maker.hash(b"nobody has this password")


def _bytes(password: str) -> bytes:
    return comparable_password(password).encode("utf-8", "surrogatepass")
