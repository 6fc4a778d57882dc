"""VERBS: count failures to sign in, so that whoever guesses is seen and can't fill the log.

The first failure of a day is noted, then the second, the fourth, the eighth and so on. Addresses
that nobody has are counted too, so that they take as long as others.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.audit_line import INSTALLATION
from app.services.audit.note import note
from app.store.accounts import personal_account
from app.store.audit_lines import count_failure, take_failures
from app.store.database import transaction
from app.store.people import Person

NOBODY = 0


def note_failure(person: Person | None, now: datetime, what: str) -> None:
    """Count a failure inside a running transaction; `what` was wrong."""
    count = count_failure(person.id if person else NOBODY, now.date())
    if count & (count - 1) == 0:
        place = personal_account(person.id).id if person else INSTALLATION
        about = person.email if person else "addresses that nobody has"
        note("sign_in.failed", place, now, about=about, after={"what": what, "today": count})


def count_failed_sign_in(person: Person | None, now: datetime) -> None:
    """Count a wrong password or an unknown address, in a transaction of its own."""
    with transaction():
        note_failure(person, now, "password")


def note_sign_in(person_id: int, now: datetime, *, proved: bool) -> None:
    """Note a new session, and how many failures came before it, inside a running transaction."""
    failed = take_failures(person_id)
    after = {"failures_before": failed or None, "proved_here": proved}
    note("sign_in.done", personal_account(person_id).id, now, by=person_id, after=after)
