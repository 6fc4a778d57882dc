"""VERBS: tell whether somebody proved lately who they are, and let them prove it again.

What is dangerous asks this of a session: a browser left open, or one that an identity provider
signed in, is not enough for it.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import NotFound
from app.domain.second_factor import is_recent
from app.services.people.own_proof import require_password, with_code
from app.store.people import SignIn, note_proof, person_by_id


def proved_recently(session: SignIn, now: datetime) -> bool:
    """Tell whether the password, and a code where there is a second factor, came lately."""
    return is_recent(session.proved_at, now)


def prove_again(person_id: int, here: int, password: str, code: str, now: datetime) -> None:
    """Note in the session `here` that the person proved who they are.

    Asks for the password, and for a code of who has a second factor. Raises `InvalidRequest`
    for a wrong one, `RateLimited` after too many wrong codes.
    """
    known = person_by_id(person_id)
    if known is None:
        raise NotFound
    require_password(known.password_hash, password)
    with_code(person_id, known.password_hash, code, now, lambda _: note_proof(person_id, here, now))
