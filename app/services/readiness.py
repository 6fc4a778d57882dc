"""VERB: tell whether the database is there and is the one that this code was written for."""

from __future__ import annotations

from app.store.revision import DatabaseUnreachable, current_revision, expected_revision


class NotReady(Exception):  # noqa: N818 - an answer in one sentence, not a crash
    """Coffer can't serve yet; the text says what to do."""


def require_reachable() -> str | None:
    """Raise `NotReady` unless the database can be reached; tell which migration it is at."""
    try:
        return current_revision()
    except DatabaseUnreachable as reason:
        raise NotReady(f"The database can't be reached: {reason}") from reason


def require_ready() -> None:
    """Raise `NotReady` unless the database can be reached and has every migration."""
    current = require_reachable()
    if current is None:
        raise NotReady("The database is not set up yet: run `coffer init`.")
    if current != expected_revision():
        raise NotReady(
            f"The database is at revision {current}, not at the one that this version of Coffer "
            "was written for: run `coffer migrate`."
        )
