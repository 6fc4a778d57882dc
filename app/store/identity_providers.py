"""Identity providers that workspaces bring, and which workspaces require theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, db
from app.store.domains import IS_VERIFIED, DomainClaim
from app.store.people import Person


class IdentityProviderRow(Base):
    """One identity provider of a workspace.

    `public_id` stands in its addresses and never changes. `document` is what the other side
    publishes, `facts` and `certificates` what the handler read in it. `sealed` holds our private
    key and the values that are secret. It is on once `tested_at` says that a sign-in through it
    succeeded as it is set up now, or the operator vouched for it.
    """

    __tablename__ = "identity_providers"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    handler: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    document: Mapped[str] = mapped_column(Text)
    document_url: Mapped[str | None] = mapped_column(String(2000))
    facts: Mapped[list[Any]] = mapped_column(JSON)
    certificates: Mapped[list[Any]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed: Mapped[str] = mapped_column(Text)
    our_certificate: Mapped[str] = mapped_column(Text)
    role_attribute: Mapped[str] = mapped_column(String(200), default="")
    role_values: Mapped[dict[str, Any]] = mapped_column(JSON)
    unsolicited: Mapped[bool] = mapped_column(default=False)
    is_on: Mapped[bool] = mapped_column(default=False)
    tested_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")


class RequiredSso(Base):
    """A workspace whose members sign in through its identity providers only."""

    __tablename__ = "required_sso"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))


class CertificateNotice(Base):
    """A workspace was told so many days before that a certificate ends; the key makes it once."""

    __tablename__ = "certificate_notices"

    idp_id: Mapped[int] = mapped_column(ForeignKey(IdentityProviderRow.id), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)


def identity_provider(public_id: str) -> IdentityProviderRow | None:
    """Find an identity provider by the id in its addresses, in deleted workspaces too."""
    if not public_id.isprintable():
        return None
    statement = select(IdentityProviderRow).where(IdentityProviderRow.public_id == public_id)
    return db.session.scalar(statement)


def identity_provider_by_id(idp_id: int) -> IdentityProviderRow | None:
    """Find an identity provider."""
    return db.session.get(IdentityProviderRow, idp_id)


def lock_identity_provider(idp_id: int) -> IdentityProviderRow | None:
    """Take its row until the transaction ends; None when it was removed meanwhile."""
    statement = select(IdentityProviderRow).where(IdentityProviderRow.id == idp_id)
    return db.session.scalar(statement.with_for_update(of=IdentityProviderRow, key_share=True))


def identity_providers_of(account_id: int) -> list[IdentityProviderRow]:
    """List a workspace's identity providers in the order in which they were added."""
    statement = select(IdentityProviderRow).where(IdentityProviderRow.account_id == account_id)
    return list(db.session.scalars(statement.order_by(IdentityProviderRow.id)))


def count_identity_providers(account_id: int) -> int:
    """Count a workspace's identity providers."""
    statement = select(func.count()).where(IdentityProviderRow.account_id == account_id)
    return db.session.scalar(statement) or 0


def identity_providers_for(domain: str) -> list[IdentityProviderRow]:
    """List those that are on and believed about addresses of a domain, given in A-labels."""
    statement = (
        select(IdentityProviderRow)
        .join(DomainClaim, DomainClaim.account_id == IdentityProviderRow.account_id)
        .join(Account, Account.id == IdentityProviderRow.account_id)
        .where(
            DomainClaim.domain == domain,
            IS_VERIFIED,
            IdentityProviderRow.is_on,
            Account.deleted_at.is_(None),
        )
    )
    return list(db.session.scalars(statement.order_by(IdentityProviderRow.id)))


def identity_providers_that_are_on() -> Sequence[IdentityProviderRow]:
    """List those that are on in workspaces that are not deleted."""
    statement = (
        select(IdentityProviderRow)
        .join(Account, Account.id == IdentityProviderRow.account_id)
        .where(IdentityProviderRow.is_on, Account.deleted_at.is_(None))
    )
    return db.session.scalars(statement.order_by(IdentityProviderRow.id)).all()


def required_sso(account_id: int) -> RequiredSso | None:
    """Tell since when, and by whom, a workspace requires its identity providers."""
    return db.session.get(RequiredSso, account_id)


def is_required_for(domain: str) -> bool:
    """Tell whether addresses of a domain sign in through their workspace's identity providers."""
    statement = (
        select(RequiredSso.account_id)
        .join(DomainClaim, DomainClaim.account_id == RequiredSso.account_id)
        .join(Account, Account.id == RequiredSso.account_id)
        .where(DomainClaim.domain == domain, IS_VERIFIED, Account.deleted_at.is_(None))
    )
    return db.session.scalar(statement.limit(1)) is not None


def end_requirement(account_id: int) -> None:
    """Let a workspace's members sign in as they like."""
    db.session.execute(delete(RequiredSso).where(RequiredSso.account_id == account_id))


def was_noticed(idp_id: int, fingerprint: str, days: int) -> bool:
    """Tell whether the workspace was told of that certificate at that distance."""
    return db.session.get(CertificateNotice, (idp_id, fingerprint, days)) is not None


def delete_certificate_notices(idp_id: int) -> None:
    """Forget what was told of an identity provider's certificates."""
    db.session.execute(delete(CertificateNotice).where(CertificateNotice.idp_id == idp_id))


def delete_identity_provider(row: IdentityProviderRow) -> None:
    """Delete an identity provider's row, after all that hangs on it."""
    db.session.delete(row)
