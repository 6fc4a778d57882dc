"""Domains that workspaces claim and verify, and who is not offered to join by their address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    CursorResult,
    ForeignKey,
    Index,
    String,
    Text,
    delete,
    false,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.domain_claim import ClaimState
from app.domain.role import Role
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person

IS_VERIFIED = text("state = 'verified'")
IS_LIVE = text("state <> 'released'")
CHECKED_AGAIN = (ClaimState.VERIFIED, ClaimState.LAPSED)


class DomainClaim(Base):
    """A workspace's claim to a domain (in A-labels). One claim at a time has a domain verified.

    `secret` ends the text of its TXT record. `is_vouched` is set by the operator, who answers for
    it: DNS is not asked. With `needs_approval` who had an account asks to join. `finding` says what
    DNS answered last. `due_at` is the next check.
    """

    __tablename__ = "domain_claims"
    __table_args__ = (
        Index(
            "uq_domain_claims_verified",
            "domain",
            unique=True,
            sqlite_where=IS_VERIFIED,
            postgresql_where=IS_VERIFIED,
        ),
        Index(
            "uq_domain_claims_live",
            "account_id",
            "domain",
            unique=True,
            sqlite_where=IS_LIVE,
            postgresql_where=IS_LIVE,
        ),
        CheckConstraint("default_role NOT IN ('owner', 'admin')", name="modest_default_role"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    domain: Mapped[str] = mapped_column(String(253))
    state: Mapped[ClaimState] = mapped_column(choice(ClaimState))
    secret: Mapped[str] = mapped_column(String(64))
    default_role: Mapped[Role] = mapped_column(choice(Role))
    is_vouched: Mapped[bool] = mapped_column(default=False)
    needs_approval: Mapped[bool] = mapped_column(server_default=false(), default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    lapsed_at: Mapped[datetime | None] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    finding: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)

    account: Mapped[Account] = relationship(lazy="joined")
    created_by: Mapped[Person] = relationship(lazy="joined")


class NotOffered(Base):
    """A person who left a workspace, was removed, or declined: only an invitation lets them in."""

    __tablename__ = "not_offered"

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


def claims_of(account_id: int) -> list[DomainClaim]:
    """List a workspace's claims that are not released, by name."""
    statement = select(DomainClaim).where(DomainClaim.account_id == account_id, IS_LIVE)
    return list(db.session.scalars(statement.order_by(DomainClaim.domain)))


def claim_of(account_id: int, domain: str) -> DomainClaim | None:
    """Find a workspace's claim to a domain, unless it is released."""
    statement = select(DomainClaim).where(
        DomainClaim.account_id == account_id, DomainClaim.domain == domain, IS_LIVE
    )
    return db.session.scalar(statement)


def claim_by_id(claim_id: int) -> DomainClaim | None:
    """Find a claim."""
    return db.session.get(DomainClaim, claim_id)


def lock_claim(claim_id: int) -> DomainClaim:
    """Take the claim's row until the transaction ends, and read it as it is now."""
    statement = select(DomainClaim).where(DomainClaim.id == claim_id)
    locked = statement.with_for_update(of=DomainClaim, key_share=True)
    return db.session.scalars(locked.execution_options(populate_existing=True)).one()


def count_claims(account_id: int) -> int:
    """Count a workspace's claims that are not released."""
    statement = select(func.count()).select_from(DomainClaim)
    return db.session.scalars(statement.where(DomainClaim.account_id == account_id, IS_LIVE)).one()


def holder_of(domain: str) -> DomainClaim | None:
    """Find the claim that has the domain verified, in a workspace that may be deleted."""
    statement = select(DomainClaim).where(DomainClaim.domain == domain, IS_VERIFIED)
    return db.session.scalar(statement)


def verified_domains_of(account_id: int) -> set[str]:
    """List the domains that a workspace has verified now, in A-labels."""
    statement = select(DomainClaim.domain).where(DomainClaim.account_id == account_id, IS_VERIFIED)
    return set(db.session.scalars(statement))


def claims_due(now: datetime, limit: int) -> Sequence[tuple[int, datetime]]:
    """List claims that DNS should be asked about again, with the instant they became due."""
    statement = (
        select(DomainClaim.id, DomainClaim.due_at)
        .join(Account, Account.id == DomainClaim.account_id)
        .where(
            DomainClaim.due_at <= now,
            DomainClaim.state.in_(CHECKED_AGAIN),
            DomainClaim.is_vouched.is_(False),
            Account.deleted_at.is_(None),
        )
        .order_by(DomainClaim.due_at, DomainClaim.id)
        .limit(limit)
    )
    return [(claim_id, due_at) for claim_id, due_at in db.session.execute(statement) if due_at]


def take_due_claim(claim_id: int, due_at: datetime, until: datetime) -> bool:
    """Take a claim for one check, by compare-and-set; False when another process has it."""
    result = db.session.execute(
        update(DomainClaim)
        .where(DomainClaim.id == claim_id, DomainClaim.due_at == due_at)
        .values(due_at=until)
    )
    return bool(cast("CursorResult[Any]", result).rowcount == 1)


def is_not_offered(account_id: int, person_id: int) -> bool:
    """Tell whether only an invitation lets the person into the workspace."""
    return db.session.get(NotOffered, (account_id, person_id)) is not None


def stop_offering(account_id: int, person_id: int, now: datetime) -> None:
    """Note that the person is no longer offered to join the workspace by their address."""
    if db.session.get(NotOffered, (account_id, person_id)) is None:
        db.session.add(NotOffered(account_id=account_id, person_id=person_id, since=now))


def offer_again(account_id: int, person_id: int) -> None:
    """Forget that the person was no longer offered to join, since they are in again."""
    db.session.execute(
        delete(NotOffered).where(
            NotOffered.account_id == account_id, NotOffered.person_id == person_id
        )
    )
