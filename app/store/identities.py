"""Identities: which person an identity provider means by a subject, and sessions it began."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    String,
    UniqueConstraint,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.database import Base, BigKey, Instant, db
from app.store.identity_providers import IdentityProviderRow
from app.store.people import Person, SignIn


class Identity(Base):
    """A person as one identity provider knows them: by a subject that lasts."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("idp_id", "subject"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)

    person: Mapped[Person] = relationship(lazy="joined")


class SsoSession(Base):
    """A session here that an identity provider began, and what it calls its own session.

    It is found by the digest of the session's token, and outlives a sign-out by no harm.
    """

    __tablename__ = "sso_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id), index=True)
    subject: Mapped[str] = mapped_column(String(255))
    session: Mapped[str | None] = mapped_column(String(500))
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)


def identity(idp_id: int, subject: str) -> Identity | None:
    """Find whom an identity provider means."""
    return db.session.scalar(
        select(Identity).where(Identity.idp_id == idp_id, Identity.subject == subject)
    )


def identities_of(person_id: int) -> list[Identity]:
    """List the identities of a person."""
    statement = select(Identity).where(Identity.person_id == person_id).order_by(Identity.id)
    return list(db.session.scalars(statement))


def count_identities(account_id: int) -> int:
    """Count the identities that signed in through a workspace's identity providers."""
    statement = (
        select(func.count())
        .select_from(Identity)
        .join(IdentityProviderRow, IdentityProviderRow.id == Identity.idp_id)
        .where(IdentityProviderRow.account_id == account_id, IdentityProviderRow.is_on)
    )
    return db.session.scalar(statement) or 0


def sso_session(token_hash: str) -> SsoSession | None:
    """Find what an identity provider said of a session here."""
    return db.session.get(SsoSession, token_hash)


def end_sso_sessions(idp_id: int, subject: str, sessions: tuple[str, ...]) -> int:
    """Sign out the sessions that an identity provider began; all of the subject if none is named.

    Returns how many ended.
    """
    statement = select(SsoSession.token_hash).where(
        SsoSession.idp_id == idp_id, SsoSession.subject == subject
    )
    if sessions:
        statement = statement.where(SsoSession.session.in_(sessions))
    hashes = list(db.session.scalars(statement))
    ended = list(db.session.scalars(select(SignIn.id).where(SignIn.token_hash.in_(hashes))))
    db.session.execute(delete(SignIn).where(SignIn.token_hash.in_(hashes)))
    db.session.execute(delete(SsoSession).where(SsoSession.token_hash.in_(hashes)))
    return len(ended)


def delete_ended_sso_sessions() -> None:
    """Forget what was said of sessions that have ended."""
    lives = exists().where(SignIn.token_hash == SsoSession.token_hash)
    db.session.execute(delete(SsoSession).where(~lives))


def delete_identities(idp_id: int) -> None:
    """Forget everybody whom an identity provider means, and sign out what it began."""
    hashes = select(SsoSession.token_hash).where(SsoSession.idp_id == idp_id)
    db.session.execute(delete(SignIn).where(SignIn.token_hash.in_(hashes)))
    db.session.execute(delete(SsoSession).where(SsoSession.idp_id == idp_id))
    db.session.execute(delete(Identity).where(Identity.idp_id == idp_id))
