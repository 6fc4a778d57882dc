"""Tokens with which programs call: service tokens, personal tokens, app keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.accounts import Membership
from app.store.apps import App
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class TokenKind(StrEnum):
    """Whom a token acts for: a member named in the body, its person, or its app."""

    SERVICE = "service"
    PERSONAL = "personal"
    APP = "app"


class Token(Base):
    """A bearer token. Only its SHA-256 is kept; `hint` are its last four characters.

    After a rotation the text before it, which `former_hash` is of, stands until `former_until`.
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[TokenKind] = mapped_column(choice(TokenKind))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(4))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    app_id: Mapped[int | None] = mapped_column(ForeignKey(App.id), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    former_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    former_until: Mapped[datetime | None] = mapped_column(Instant)


def token_by_hash(token_hash: str) -> Token | None:
    """Find a token by the SHA-256 of its text, revoked and expired ones too."""
    return db.session.scalar(select(Token).where(Token.token_hash == token_hash))


def token_by_id(token_id: int) -> Token | None:
    """Find a token by id."""
    return db.session.get(Token, token_id)


def personal_tokens_of(person_id: int) -> list[Token]:
    """List a person's own tokens that are not revoked, the newest first."""
    return _standing(Token.person_id == person_id, Token.kind == TokenKind.PERSONAL)


def keys_of_app(app_id: int) -> list[Token]:
    """List an app's keys that are not revoked, the newest first."""
    return _standing(Token.app_id == app_id)


def service_tokens() -> list[Token]:
    """List the service tokens that are not revoked, the newest first."""
    return _standing(Token.kind == TokenKind.SERVICE)


def revoke_personal_tokens(person_id: int, now: datetime) -> None:
    """Revoke all of a person's own tokens."""
    _revoke(now, Token.person_id == person_id, Token.kind == TokenKind.PERSONAL)


def revoke_keys_of_app(app_id: int, now: datetime) -> None:
    """Revoke all keys of an app."""
    _revoke(now, Token.app_id == app_id)


def keys_made_by(person_id: int, account_id: int) -> list[Token]:
    """List the standing keys that a person made for the apps of an account."""
    apps = select(App.id).where(App.account_id == account_id)
    return _standing(Token.person_id == person_id, Token.app_id.in_(apps))


def keys_of_outsiders(app_id: int, account_id: int) -> list[Token]:
    """List the standing keys of an app whose makers don't belong to that account."""
    members = select(Membership.person_id).where(Membership.account_id == account_id)
    return _standing(Token.app_id == app_id, Token.person_id.not_in(members))


def revoke_keys_made_by(person_id: int, account_id: int, now: datetime) -> None:
    """Revoke the keys that a person made for the apps of an account."""
    for token in keys_made_by(person_id, account_id):  # row by row, so that the directory sees it
        token.revoked_at = now


def revoke_keys_of_outsiders(app_id: int, account_id: int, now: datetime) -> None:
    """Revoke the keys of an app whose makers don't belong to that account."""
    for token in keys_of_outsiders(app_id, account_id):
        token.revoked_at = now


def _revoke(now: datetime, *conditions: ColumnElement[bool]) -> None:
    for token in _standing(*conditions):  # row by row, so that the directory sees it
        token.revoked_at = now


def _standing(*conditions: ColumnElement[bool]) -> list[Token]:
    statement = select(Token).where(*conditions, Token.revoked_at.is_(None))
    return list(db.session.scalars(statement.order_by(Token.id.desc())))
