"""Sign-ins through identity providers on their way: handles, tickets, and what was used once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, CursorResult, ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.database import Base, Instant, choice, db
from app.store.identity_providers import IdentityProviderRow
from app.store.people import Person


class Purpose(StrEnum):
    """What an attempt is for."""

    SIGN_IN = "sign_in"
    TEST = "test"
    SIGN_OUT = "sign_out"


class SsoAttempt(Base):
    """A sign-in that was begun here. Its handle works once; `browser_hash` says for whom.

    `person_id` is who tests it.
    """

    __tablename__ = "sso_attempts"

    handle_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    request_id: Mapped[str] = mapped_column(String(80))
    browser_hash: Mapped[str] = mapped_column(String(64))
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    onward: Mapped[str] = mapped_column(String(2000))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SsoTicket(Base):
    """An identity that was proven and waits for its browser: to enter, or to link an account.

    `person_id` is who enters, or whose account is to be linked. `proof` is what was proven.
    """

    __tablename__ = "sso_tickets"

    ticket_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    is_link: Mapped[bool]
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    proof: Mapped[dict[str, Any]] = mapped_column(JSON)
    onward: Mapped[str] = mapped_column(String(2000))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)

    person: Mapped[Person] = relationship(lazy="joined")


class SsoReplay(Base):
    """An id of an identity provider that was used, kept until it would be refused anyway."""

    __tablename__ = "sso_replays"

    idp_id: Mapped[int] = mapped_column(
        ForeignKey(IdentityProviderRow.id), primary_key=True, autoincrement=False
    )
    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant, index=True)


def take_attempt(idp_id: int, handle_hash: str, now: datetime) -> SsoAttempt | None:
    """Use an attempt's handle up; None when there is none, it is over, or another took it."""
    found = db.session.scalar(
        select(SsoAttempt).where(SsoAttempt.handle_hash == handle_hash, SsoAttempt.idp_id == idp_id)
    )
    if found is None or not _deleted_one(handle_hash):
        return None
    db.session.expunge(found)
    return found if now < found.expires_at else None


def _deleted_one(handle_hash: str) -> bool:
    statement = delete(SsoAttempt).where(SsoAttempt.handle_hash == handle_hash)
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def ticket(ticket_hash: str, now: datetime) -> SsoTicket | None:
    """Find a ticket that is not over."""
    found = ticket_row(ticket_hash)
    return found if found is not None and now < found.expires_at else None


def ticket_row(ticket_hash: str) -> SsoTicket | None:
    """Find a ticket, be it over or not."""
    return db.session.get(SsoTicket, ticket_hash)


def take_ticket(ticket_hash: str) -> bool:
    """Use a ticket up; False when it was used before."""
    statement = delete(SsoTicket).where(SsoTicket.ticket_hash == ticket_hash)
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def count_try(ticket_hash: str, most: int) -> bool:
    """Count a password that is tried for a ticket; False when there were too many."""
    statement = (
        update(SsoTicket)
        .where(SsoTicket.ticket_hash == ticket_hash, SsoTicket.tries < most)
        .values(tries=SsoTicket.tries + 1)
    )
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def delete_over(now: datetime) -> None:
    """Forget attempts and tickets that are over, and ids that would be refused anyway."""
    db.session.execute(delete(SsoAttempt).where(SsoAttempt.expires_at <= now))
    db.session.execute(delete(SsoTicket).where(SsoTicket.expires_at <= now))
    db.session.execute(delete(SsoReplay).where(SsoReplay.until <= now))


def delete_on_their_way(idp_id: int) -> None:
    """Forget all that is on its way through an identity provider, and what was used."""
    for table in (SsoAttempt, SsoTicket, SsoReplay):
        db.session.execute(delete(table).where(table.idp_id == idp_id))
