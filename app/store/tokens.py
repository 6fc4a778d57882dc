"""Tokens with which programs call: service tokens, personal tokens, app keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.store.apps import App
from app.store.database import BigKey, Instant, choice, db
from app.store.people import Person


class TokenKind(StrEnum):
    """Whom a token acts for: a member named in the body, its person, or its app."""

    SERVICE = "service"
    PERSONAL = "personal"
    APP = "app"


class Token(db.Model):
    """A bearer token. Only its SHA-256 is kept; `hint` are its last four characters."""

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


def _standing(*conditions: object) -> list[Token]:
    statement = select(Token).where(*conditions, Token.revoked_at.is_(None))  # type: ignore[arg-type]
    return list(db.session.scalars(statement.order_by(Token.id.desc())))
