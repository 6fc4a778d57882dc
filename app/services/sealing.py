"""VERBS: seal what must be read again but not by whoever copies the database.

Every seal has a key of its own, derived from the installation's secret and from what the text
is about, so that a sealed text can't be moved to another row, column or installation. What was
sealed under a former secret of the installation is still read; sealing again renews it.
"""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.store.database import current_engine

_secrets: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()


class SealBroken(Exception):  # noqa: N818 - the verb that meets it says what it means
    """The text was sealed under another secret, about something else, or was changed."""


def seal_with(secret_key: str, *former: str) -> None:
    """Let the current application seal under this secret, and read what former ones sealed."""
    _secrets[current_engine()] = (secret_key, *former)


def seal(text: str, about: str) -> str:
    """Seal a text; `about` names its place, such as "second factor of person 3"."""
    return _key(about).encrypt(text.encode()).decode()


def unseal(sealed: str, about: str) -> str:
    """Read a sealed text, or raise `SealBroken`."""
    try:
        return _key(about).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken from None


def mark_of(content: bytes, about: str) -> str:
    """Mark what anybody may read so that nobody else can make another: HMAC-SHA-256, as hex."""
    return _mark(_secrets[current_engine()][0], content, about)


def is_marked(content: bytes, mark: str, about: str) -> bool:
    """Tell whether this installation made the mark, under its secret or a former one."""
    secrets = _secrets[current_engine()]
    return any(hmac.compare_digest(_mark(each, content, about), mark) for each in secrets)


def _mark(secret: str, content: bytes, about: str) -> str:
    return hmac.digest(_marking_key(secret, about), content, "sha256").hex()


@lru_cache(maxsize=16)
def _marking_key(secret: str, about: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=b"coffer mark", info=about.encode())
    return derived.derive(secret.encode())


def _key(about: str) -> MultiFernet:
    return MultiFernet([_derived(secret, about) for secret in _secrets[current_engine()]])


def _derived(secret: str, about: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=b"coffer seal", info=about.encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))
