"""Secrets that machines carry (tokens, sign-ins): long and random, so a plain digest is enough."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
