"""People, and the sessions in which they are signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Base, BigKey, Instant, db


class Person(Base):
    """Someone who can sign in. `email` is in lower case; it routes, it does not identify."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email_verified_at: Mapped[datetime | None] = mapped_column(Instant)
    is_operator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class SignIn(Base):
    """One browser in which a person is signed in; deleting the row signs it out.

    `proved_at` is when they last proved there who they are: by password, and code if they have one.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    user_agent: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(45))
    proved_at: Mapped[datetime | None] = mapped_column(Instant)


def person_by_id(person_id: int) -> Person | None:
    """Find a person by id."""
    return db.session.get(Person, person_id)


def person_by_email(email: str) -> Person | None:
    """Find a person by address, given in lower case."""
    return db.session.scalar(select(Person).where(Person.email == email))


def lock_person(person_id: int) -> Person:
    """Take the person's row until the transaction ends, so that their changes take turns."""
    statement = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return db.session.scalars(statement).one()


def people_by_email(emails: Collection[str]) -> list[Person]:
    """Find the people who have one of these addresses, given in lower case."""
    return list(db.session.scalars(select(Person).where(Person.email.in_(emails))))


def operators() -> list[Person]:
    """List those who run the installation."""
    return list(db.session.scalars(select(Person).where(Person.is_operator).order_by(Person.id)))


def sign_in_by_hash(token_hash: str) -> SignIn | None:
    """Find the session that a browser's token belongs to."""
    return db.session.scalar(select(SignIn).where(SignIn.token_hash == token_hash))


def sign_ins_of(person_id: int) -> list[SignIn]:
    """List a person's sessions, the last used first."""
    statement = select(SignIn).where(SignIn.person_id == person_id)
    return list(db.session.scalars(statement.order_by(SignIn.last_seen_at.desc())))


def delete_sign_ins(person_id: int, *, keep: int | None = None, only: int | None = None) -> None:
    """Sign a person out everywhere, but for the session `keep`; or out of the session `only`."""
    statement = delete(SignIn).where(SignIn.person_id == person_id)
    if keep is not None:
        statement = statement.where(SignIn.id != keep)
    if only is not None:
        statement = statement.where(SignIn.id == only)
    db.session.execute(statement)


def touch_sign_in(sign_in_id: int, now: datetime) -> None:
    """Note that a session was used."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=now))


def note_proof(person_id: int, sign_in_id: int, now: datetime) -> None:
    """Note that in this session of theirs a person proved who they are."""
    own = (SignIn.id == sign_in_id, SignIn.person_id == person_id)
    db.session.execute(update(SignIn).where(*own).values(proved_at=now))


def delete_sign_in_by_hash(token_hash: str) -> None:
    """Sign one browser out."""
    db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash))


def delete_unused_sign_ins(person_id: int, used_until: datetime) -> None:
    """Forget a person's sessions that were last used at that instant or before."""
    db.session.execute(
        delete(SignIn).where(SignIn.person_id == person_id, SignIn.last_seen_at <= used_until)
    )
