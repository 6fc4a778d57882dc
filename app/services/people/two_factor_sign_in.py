"""VERB: finish a sign-in with a code, after the password."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Unauthenticated
from app.domain.secret import digest
from app.services.people.half_sign_in import lock_half_signed_in
from app.services.people.sign_in import Session, start_session
from app.services.people.two_factor_code import use_code
from app.store.database import transaction
from app.store.second_factors import take_half_sign_in


def finish_sign_in(
    half_token: str, code: str, user_agent: str, address: str, now: datetime
) -> Session:
    """Start a session for whoever is half signed in and has a code.

    The half session, the code and the session go in one transaction: each code and each half
    session starts one session at most. Raises `Unauthenticated` when the half session is over,
    `InvalidRequest` for a wrong or used code, `RateLimited` after too many of them.
    """
    with transaction():
        person = lock_half_signed_in(half_token, now)
        refusal = use_code(person, code, now)
        if refusal is None:
            if not take_half_sign_in(digest(half_token)):
                raise Unauthenticated("This sign-in was finished a moment ago.")
            token = start_session(person.id, user_agent, address, now, proved=True)
    if refusal is not None:
        raise refusal
    return Session(person, token)
