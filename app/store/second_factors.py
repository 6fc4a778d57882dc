"""Second factors: one device per person, recovery codes, and sign-ins that are half done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, ForeignKey, String, Update, delete, func, select
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db
from app.store.people import Person


class SecondFactor(Base):
    """The device of a person. It counts once a code of it proved that it was set up.

    `used_step` is the last step whose code counted. `failures` are wrong codes in a row.
    """

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    sealed_secret: Mapped[str] = mapped_column(String(400))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    used_step: Mapped[int] = mapped_column(BigKey)
    failures: Mapped[int]
    wait_until: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """A recovery code that was not used yet; its digest is kept."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class HalfSignIn(Base):
    """A browser in which somebody proved the password and not yet the second factor.

    `mark` changes with the password, so that it ends when the password does.
    """

    __tablename__ = "half_sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    mark: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


def second_factor_of(person_id: int) -> SecondFactor | None:
    """Find a person's device, be it confirmed or not."""
    return db.session.get(SecondFactor, person_id)


def take_step(person_id: int, step: int) -> bool:
    """Use up a step and those before it; False when it was used before."""
    statement = (
        sql_update(SecondFactor)
        .where(SecondFactor.person_id == person_id, SecondFactor.used_step < step)
        .values(used_step=step)
    )
    return _changed_one(statement)


def delete_second_factor(person_id: int) -> None:
    """Forget a person's device and recovery codes."""
    delete_recovery_codes(person_id)
    db.session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))


def delete_recovery_codes(person_id: int) -> None:
    """Forget what is left of a person's recovery codes."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def add_recovery_codes(person_id: int, hashes: Iterable[str]) -> None:
    """Write new recovery codes."""
    db.session.add_all(RecoveryCode(person_id=person_id, code_hash=each) for each in hashes)


def take_recovery_code(person_id: int, code_hash: str) -> bool:
    """Use up a recovery code; False when there is no such one."""
    return _changed_one(
        delete(RecoveryCode).where(
            RecoveryCode.person_id == person_id, RecoveryCode.code_hash == code_hash
        )
    )


def count_recovery_codes(person_id: int) -> int:
    """Count a person's recovery codes that were not used yet."""
    statement = select(func.count()).where(RecoveryCode.person_id == person_id)
    return db.session.scalar(statement) or 0


def half_sign_in(token_hash: str) -> HalfSignIn | None:
    """Find the half sign-in that a browser's token belongs to."""
    return db.session.get(HalfSignIn, token_hash)


def take_half_sign_in(token_hash: str) -> bool:
    """Use up a half sign-in; False when it was used before."""
    return _changed_one(delete(HalfSignIn).where(HalfSignIn.token_hash == token_hash))


def delete_half_sign_ins_before(instant: datetime) -> None:
    """Forget half sign-ins that were begun before that instant."""
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.created_at < instant))


def _changed_one(statement: Delete | Update) -> bool:
    # The session's copies are not brought up to date: nobody reads them again afterwards.
    options = {"synchronize_session": False}
    done = db.session.execute(statement, execution_options=options)
    return cast("CursorResult[Any]", done).rowcount == 1
