"""VERB: do something in a transaction, once its person proved who they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast

from app.domain.refusals import Conflict, InvalidRequest
from app.services.people.hash_password import password_matches
from app.services.people.two_factor_code import has_two_factor, use_code
from app.store.database import transaction
from app.store.people import Person, lock_person

T = TypeVar("T")


def require_password(
    password_hash: str | None, password: str, wrong: str = "This is not your password."
) -> None:
    """Raise `InvalidRequest` for a wrong password. Slow by intent: not for a transaction."""
    if not password_matches(password_hash, password):
        raise InvalidRequest.of("password", wrong)


def with_code(
    person_id: int,
    password_hash: str | None,
    code: str,
    now: datetime,
    do: Callable[[Person], T],
    *,
    always: bool = False,
) -> T:
    """Lock the person whose password was right, use up a code, and `do` it in that transaction.

    A code is asked of who has a second factor, or `always`. Wrong codes are counted, so that
    transaction is committed; then their refusal is raised. `Conflict`: the password changed.
    """
    with transaction():
        person = lock_person(person_id)
        if person.password_hash != password_hash:
            raise Conflict("The password was changed a moment ago.")
        asks = always or has_two_factor(person_id)
        refusal = use_code(person, code, now) if asks else None
        done = do(person) if refusal is None else None
    if refusal is not None:
        raise refusal
    return cast("T", done)
