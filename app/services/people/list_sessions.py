"""VERB: list the browsers in which a person is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.store.people import SignIn, sign_ins_of


def list_sessions(person_id: int, now: datetime, session_days: int) -> list[SignIn]:
    """List one's sessions that still work, the last used first."""
    oldest = now - timedelta(days=session_days)
    return [each for each in sign_ins_of(person_id) if each.last_seen_at > oldest]
