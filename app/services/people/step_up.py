"""VERBS: tell whether somebody proved lately who they are, and let them prove it again.

What is dangerous asks this of a session: a browser left open, or one that an identity provider
signed in, is not enough for it.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.second_factor import is_recent
from app.services.people.hash_password import password_matches
from app.services.people.two_factor import has_two_factor
from app.services.people.two_factor_code import use_code
from app.store.database import transaction
from app.store.people import SignIn, lock_person, note_proof, person_by_id


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
    password_hash = known.password_hash
    if not password_matches(password_hash, password):
        raise InvalidRequest.of("password", "This is not your password.")
    with transaction():
        person = lock_person(person_id)
        if person.password_hash != password_hash:
            raise Conflict("Your password was changed a moment ago.")
        refusal = use_code(person, code, now) if has_two_factor(person_id) else None
        if refusal is None:
            note_proof(person_id, here, now)
    if refusal is not None:
        raise refusal
