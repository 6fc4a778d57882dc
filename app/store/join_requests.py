"""Requests of people to join the workspace that their address belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.join_request import RequestState
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person

IS_WAITING = text("state = 'waiting'")


class JoinRequest(Base):
    """Somebody asked to join; at most one request of a person waits in a workspace."""

    __tablename__ = "join_requests"
    __table_args__ = (
        Index("ix_join_requests_person", "account_id", "person_id", "id"),
        Index(
            "uq_join_requests_waiting",
            "account_id",
            "person_id",
            unique=True,
            sqlite_where=IS_WAITING,
            postgresql_where=IS_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    domain: Mapped[str] = mapped_column(String(253))
    state: Mapped[RequestState] = mapped_column(choice(RequestState))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str | None] = mapped_column(String(300))

    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined", foreign_keys=person_id)


def request_by_id(request_id: int) -> JoinRequest | None:
    """Find a request."""
    return db.session.get(JoinRequest, request_id)


def last_request(account_id: int, person_id: int) -> JoinRequest | None:
    """Find what a person asked of a workspace last."""
    statement = select(JoinRequest).where(
        JoinRequest.account_id == account_id, JoinRequest.person_id == person_id
    )
    return db.session.scalar(statement.order_by(JoinRequest.id.desc()).limit(1))


def waiting_requests(account_id: int, limit: int) -> list[JoinRequest]:
    """List the requests that wait in a workspace, the oldest first."""
    statement = select(JoinRequest).where(JoinRequest.account_id == account_id, IS_WAITING)
    return list(db.session.scalars(statement.order_by(JoinRequest.id).limit(limit)))


def close_request(account_id: int, person_id: int, now: datetime) -> bool:
    """Close what a person asked, as they came in by another way or want it no more; if it waits."""
    found = last_request(account_id, person_id)
    if found is None or found.state is not RequestState.WAITING:
        return False
    found.state, found.answered_at = RequestState.CLOSED, now
    return True
