"""VERBS: switch two-factor sign-in on and off. A device counts once a code of it proved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.second_factor import SETUP_LASTS, matching_step, tidy_code
from app.services.audit.note import note
from app.services.mail.queue_mail import queue_mail
from app.services.people.own_proof import require_password, with_code
from app.services.people.read_address import sought_address
from app.services.people.recovery_codes import write_recovery_codes
from app.services.people.two_factor_code import WRONG, about, codes_of, has_two_factor
from app.services.sealing import SealBroken, seal, unseal
from app.store.accounts import personal_account
from app.store.database import add, flush, transaction
from app.store.people import (
    Person,
    delete_sign_ins,
    lock_person,
    note_proof,
    person_by_email,
    person_by_id,
)
from app.store.second_factors import (
    SecondFactor,
    count_recovery_codes,
    delete_second_factor,
    second_factor_of,
)

ISSUER = "Coffer"
_ON_ALREADY = "Two-factor sign-in is on already."
_NOT_BEGUN = "The set-up was not begun, or too long ago. Begin it again."


@dataclass(frozen=True, slots=True)
class TwoFactorState:
    """How a person stands: since when it is on (None: it is off), and how many codes are left."""

    on_since: datetime | None
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a device is told: the secret as text, and all of it as an `otpauth://` address."""

    secret: str
    address: str


def two_factor_state(person_id: int) -> TwoFactorState:
    """Tell how a person stands."""
    factor = second_factor_of(person_id)
    return TwoFactorState(factor.confirmed_at if factor else None, count_recovery_codes(person_id))


def begin_two_factor(person_id: int, now: datetime) -> None:
    """Make a secret for a new device; an earlier one that was never confirmed is dropped."""
    with transaction():
        lock_person(person_id)
        _refuse_when_on(person_id)
        delete_second_factor(person_id)
        flush()
        add(
            SecondFactor(
                person_id=person_id,
                sealed_secret=seal(pyotp.random_base32(), about(person_id)),
                begun_at=now,
                used_step=0,
                failures=0,
            )
        )


def set_up_of(person_id: int, now: datetime) -> SetUp | None:
    """Give what to tell the device, while it is not confirmed; None when nothing was begun."""
    person, secret = person_by_id(person_id), _unconfirmed_secret(person_id, now)
    if person is None or secret is None:
        return None
    return SetUp(secret, pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER))


def confirm_two_factor(person_id: int, code: str, here: int, now: datetime) -> list[str]:
    """Switch it on, by a code of the device, and give the recovery codes.

    All sessions but `here` end: whoever has one signed in without the second factor.
    """
    with transaction():
        person = lock_person(person_id)
        _refuse_when_on(person_id)
        factor, secret = second_factor_of(person_id), _unconfirmed_secret(person_id, now)
        if factor is None or secret is None:
            raise Conflict(_NOT_BEGUN)
        step = matching_step(tidy_code(code), codes_of(secret), now, None)
        if step is None:
            raise InvalidRequest.of("code", WRONG)
        factor.confirmed_at, factor.used_step = now, step
        delete_sign_ins(person_id, keep=here)
        note_proof(person_id, here, now)
        queue_mail(person.email, "two_factor_on", now, name=person.name)
        note("two_factor.on", personal_account(person_id).id, now, by=person_id)
        return write_recovery_codes(person_id)


def switch_off_two_factor(person_id: int, password: str, code: str, now: datetime) -> None:
    """Switch it off, by the password and a code; a mail tells it."""
    known = person_by_id(person_id)
    password_hash = known.password_hash if known else None
    require_password(password_hash, password)

    def switch_off(person: Person) -> None:
        delete_second_factor(person_id)
        queue_mail(person.email, "two_factor_off", now, name=person.name)
        note("two_factor.off", personal_account(person_id).id, now, by=person_id)

    with_code(person_id, password_hash, code, now, switch_off, always=True)


def reset_two_factor(email: str, now: datetime) -> Person:
    """Switch it off as the operator, for who lost the device; all sessions end, a mail tells it."""
    address = sought_address(email)
    with transaction():
        person = person_by_email(address)
        if person is None:
            raise NotFound(f"Nobody is known by the address {address}.")
        lock_person(person.id)
        if not has_two_factor(person.id):
            raise Conflict(f"{address} has no two-factor sign-in.")
        delete_second_factor(person.id)
        delete_sign_ins(person.id)
        queue_mail(person.email, "two_factor_reset", now, name=person.name)
        note("two_factor.reset", personal_account(person.id).id, now, about=address)
    return person


def _refuse_when_on(person_id: int) -> None:
    if has_two_factor(person_id):
        raise Conflict(_ON_ALREADY)


def _unconfirmed_secret(person_id: int, now: datetime) -> str | None:
    factor = second_factor_of(person_id)
    if factor is None or factor.confirmed_at is not None or now >= factor.begun_at + SETUP_LASTS:
        return None
    try:
        return unseal(factor.sealed_secret, about(person_id))
    except SealBroken:
        return None
