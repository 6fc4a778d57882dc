"""VERBS: make recovery codes, for when the device is gone. They are shown once; digests stay."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.domain.refusals import Conflict
from app.domain.second_factor import RECOVERY_CODES, recovery_code, tidy_code
from app.domain.secret import digest
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.store.accounts import personal_account
from app.store.database import transaction
from app.store.people import lock_person
from app.store.second_factors import (
    add_recovery_codes,
    delete_recovery_codes,
    second_factor_of,
)


def write_recovery_codes(person_id: int) -> list[str]:
    """Make new codes in place of those that are left, inside a running transaction."""
    codes = [recovery_code(secrets.choice) for _ in range(RECOVERY_CODES)]
    delete_recovery_codes(person_id)
    add_recovery_codes(person_id, [digest(tidy_code(code)) for code in codes])
    return codes


def renew_recovery_codes(person_id: int, now: datetime) -> list[str]:
    """Make new codes in place of those that are left; a mail tells it."""
    with transaction():
        person = lock_person(person_id)
        factor = second_factor_of(person_id)
        if factor is None or factor.confirmed_at is None:
            raise Conflict("Two-factor sign-in is not on.")
        queue_mail(person.email, "recovery_codes_renewed", now, name=person.name)
        note("two_factor.codes_renewed", personal_account(person_id).id, now, by=person_id)
        return write_recovery_codes(person_id)
