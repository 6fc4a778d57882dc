"""VERB: use up a code of a second factor, in the transaction of the verb that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil

import pyotp

from app.domain.refusals import Conflict, InvalidRequest, RateLimited, Refusal
from app.domain.second_factor import (
    FREE_TRIES,
    is_device_code,
    matching_step,
    tidy_code,
    wait_after,
)
from app.domain.secret import digest
from app.services.audit.failures import note_failure
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.sealing import SealBroken, unseal
from app.store.accounts import personal_account
from app.store.people import Person
from app.store.second_factors import (
    SecondFactor,
    count_recovery_codes,
    second_factor_of,
    take_recovery_code,
    take_step,
)

WRONG = "This code is not right, or was used before. Each code counts once: wait for the next."
_WRONG_RECOVERY = "This is none of your recovery codes, or it was used before."
_LOST = (
    "The device can't be checked any more, because the installation's secret was changed. "
    "Use a recovery code, or ask the operator to reset your two-factor sign-in."
)


def about(person_id: int) -> str:
    """The place for which a device's secret is sealed."""
    return f"second factor of person {person_id}"


def codes_of(secret: str) -> Callable[[int], str]:
    """Compute a device's codes by their step (RFC 6238: SHA-1, six digits)."""
    return pyotp.TOTP(secret).generate_otp


def has_two_factor(person_id: int) -> bool:
    """Tell whether a person signs in with two factors."""
    factor = second_factor_of(person_id)
    return factor is not None and factor.confirmed_at is not None


def use_code(person: Person, text: str, now: datetime) -> Refusal | None:
    """Use up a code of the device, or a recovery code; give the refusal when it is none.

    Runs in a transaction that has the person's row. It is to be committed either way, because
    wrong codes are counted; the verb raises the refusal afterwards.
    """
    code, factor = tidy_code(text), second_factor_of(person.id)
    if factor is None or factor.confirmed_at is None:
        return Conflict("Two-factor sign-in is not on.")
    if is_device_code(code):
        return _use_device_code(person, factor, code, now)
    return _use_recovery_code(person, code, now)


def _use_device_code(
    person: Person, factor: SecondFactor, code: str, now: datetime
) -> Refusal | None:
    if factor.wait_until is not None and now < factor.wait_until:
        return _wait(factor.wait_until, now)
    try:
        code_at = codes_of(unseal(factor.sealed_secret, about(person.id)))
    except SealBroken:
        return Conflict(_LOST)
    step = matching_step(code, code_at, now, factor.used_step)
    if step is None or not take_step(person.id, step):
        return _count_failure(person, factor, now)
    factor.failures, factor.wait_until = 0, None
    return None


def _count_failure(person: Person, factor: SecondFactor, now: datetime) -> Refusal:
    factor.failures += 1
    note_failure(person, now, "code")
    wait = wait_after(factor.failures)
    if wait is None:
        return InvalidRequest.of("code", WRONG)
    if factor.failures == FREE_TRIES:
        queue_mail(person.email, "codes_guessed", now, name=person.name)
    factor.wait_until = now + wait
    return _wait(factor.wait_until, now)


def _wait(until: datetime, now: datetime) -> RateLimited:
    seconds = ceil((until - now).total_seconds())
    minutes = ceil(seconds / 60)
    words = "a minute" if minutes == 1 else f"{minutes} minutes"
    return RateLimited(
        seconds, f"Too many wrong codes. Wait {words}, or use one of your recovery codes."
    )


def _use_recovery_code(person: Person, code: str, now: datetime) -> Refusal | None:
    """Nobody guesses one of these, so they are not counted, and whoever waits may use one."""
    if not take_recovery_code(person.id, digest(code)):
        return InvalidRequest.of("code", _WRONG_RECOVERY)
    left = count_recovery_codes(person.id)
    queue_mail(person.email, "recovery_code_used", now, name=person.name, left=left)
    place = personal_account(person.id).id
    note("two_factor.code_used", place, now, after={"codes_left": left}, by=person.id)
    return None
