"""Reasons: what somebody says for doing a thing by hand, to be read later."""

from __future__ import annotations

from app.domain.refusals import InvalidRequest

LONGEST_REASON = 300


def reason_from(text: str) -> str:
    """Tidy a reason that is to be read later; raise `InvalidRequest` when there is none."""
    words = reason_or_none(text)
    if words is None:
        raise InvalidRequest.of("reason", "Say why: it stands in the history and the audit log.")
    return words


def reason_or_none(text: str) -> str | None:
    """Tidy a reason that need not be given; raise `InvalidRequest` when it is too long."""
    words = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if len(words) > LONGEST_REASON:
        raise InvalidRequest.of("reason", f"Use at most {LONGEST_REASON} characters.")
    return words or None
