"""The directory: who is who for the money path, and one version number for all of it.

The version rises with every change of who may spend, and of prices. A cached answer to "who is
calling, for which pool, at which price" carries the version under which it was read. The money
path compares it under the pool's lock, so that access ends at once on every process, and no
cache needs a lifetime. The statements here take a connection of their own: a session's older
snapshot must never be cached under a newer version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, event, exists, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.role import Role
from app.store.accounts import Account, AccountKind, Membership
from app.store.ai_models import AiModelRow
from app.store.ai_purses import AiTermsRow
from app.store.apps import App
from app.store.catalogue import PackRow, PlanRow, PriceRow
from app.store.database import Base, db
from app.store.limits import LimitRow
from app.store.people import Person
from app.store.plugins import PluginOffRow, PluginRow
from app.store.sign_in_blocks import SignInBlock
from app.store.tokens import Token, TokenKind
from app.store.webhooks import Webhook

CHANGED = "the directory changed"
LISTED = (
    *(AiModelRow, AiTermsRow),
    *(Account, App, LimitRow, Membership, PackRow, Person, PlanRow),
    *(PluginOffRow, PluginRow, PriceRow, Token, Webhook),
)


class DirectoryRow(Base):
    """The one row that holds the version."""

    __tablename__ = "directory"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    version: Mapped[int] = mapped_column(BigInteger, default=0)


class TokenFacts(NamedTuple):
    """A token that is not revoked."""

    id: int
    kind: TokenKind
    person_id: int | None
    app_id: int | None
    expires_at: datetime | None


class AccountFacts(NamedTuple):
    """An account. `id` is its pool's id, too; a `deleted` one still completes its holds."""

    id: int
    slug: str
    kind: AccountKind
    name: str
    deleted: bool


class AppFacts(NamedTuple):
    """An app; `deleted` ones still complete their holds."""

    id: int
    account_id: int
    name: str
    deleted: bool


class PersonFacts(NamedTuple):
    """A person's address and name."""

    id: int
    email: str
    name: str


def ensure_directory() -> None:
    """Make the one row, when an installation begins."""
    if db.session.get(DirectoryRow, 1) is None:
        db.session.add(DirectoryRow(id=1, version=0))


def raise_version() -> None:
    """Let every process look anew, within the running transaction."""
    db.session.info[CHANGED] = True


def read_version(connection: Connection) -> int:
    """Read the present version."""
    return connection.scalars(select(DirectoryRow.version)).one()


def read_token(connection: Connection, token_hash: str) -> TokenFacts | None:
    """Find a standing token by the SHA-256 of its text, or of the one before its rotation.

    Those of people who are blocked rest.
    """
    facts = (Token.id, Token.kind, Token.person_id, Token.app_id, Token.expires_at)
    statement = select(*facts, Token.token_hash, Token.former_until).where(
        or_(Token.token_hash == token_hash, Token.former_hash == token_hash),
        Token.revoked_at.is_(None),
        ~exists().where(SignInBlock.person_id == Token.person_id),
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    token = TokenFacts(row.id, row.kind, row.person_id, row.app_id, row.expires_at)
    if row.token_hash == token_hash:
        return token
    ends = [end for end in (token.expires_at, row.former_until) if end is not None]
    return token._replace(expires_at=min(ends)) if row.former_until is not None else None


def read_account(
    connection: Connection, *, slug: str | None = None, account_id: int | None = None
) -> AccountFacts | None:
    """Find an account by slug, or by id (then a deleted one too: its holds complete)."""
    statement = select(
        Account.id, Account.slug, Account.kind, Account.name, Account.deleted_at.is_not(None)
    )
    if slug is not None:
        statement = statement.where(Account.slug == slug, Account.deleted_at.is_(None))
    else:
        statement = statement.where(Account.id == account_id)
    row = connection.execute(statement).first()
    return AccountFacts(*row) if row else None


def read_person(
    connection: Connection, *, email: str | None = None, person_id: int | None = None
) -> PersonFacts | None:
    """Find a person by address or by id."""
    statement = select(Person.id, Person.email, Person.name)
    chosen = Person.email == email if email is not None else Person.id == person_id
    row = connection.execute(statement.where(chosen)).first()
    return PersonFacts(*row) if row else None


def read_role(connection: Connection, account_id: int, person_id: int) -> Role | None:
    """Find a person's role in an account."""
    statement = select(Membership.role).where(
        Membership.account_id == account_id, Membership.person_id == person_id
    )
    return connection.scalar(statement)


def read_payers(connection: Connection, account_id: int) -> list[str]:
    """List the addresses of an account's owner."""
    statement = (
        select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.account_id == account_id, Membership.role == Role.OWNER)
    )
    return list(connection.scalars(statement))


def read_app(connection: Connection, app_id: int) -> AppFacts | None:
    """Find an app, deleted ones too."""
    statement = select(App.id, App.account_id, App.name, App.deleted_at).where(App.id == app_id)
    row = connection.execute(statement).first()
    return AppFacts(row[0], row[1], row[2], row[3] is not None) if row else None


@event.listens_for(Session, "after_flush")
def _notice_change(session: Session, _flush: Any) -> None:  # noqa: ANN401
    changed = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, LISTED) for row in changed):
        session.info[CHANGED] = True


@event.listens_for(Session, "before_commit")
def _raise_version(session: Session) -> None:
    """Raise the version as the last act, so that its row is the last lock a verb takes."""
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.pop(CHANGED, False):
        session.execute(update(DirectoryRow).values(version=DirectoryRow.version + 1))


@event.listens_for(Session, "after_rollback")
def _forget_change(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(CHANGED, None)
