"""Lists of people to invite: checked first, sent in parts, and kept for a while as results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, delete, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.invite_list import Checked, LineState
from app.domain.role import Role
from app.store.accounts import Account
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person

UNDER_WAY = text("sent_at IS NOT NULL AND ended_at IS NULL")


class InviteList(Base):
    """A list that somebody checked; `sent_at` is when it was sent off, `ended_at` when all was."""

    __tablename__ = "invite_lists"
    __table_args__ = (
        Index(
            "ix_invite_lists_under_way",
            "id",
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account] = relationship(lazy="joined")


class InviteLine(Base):
    """One address of a list, with the line in which it stood and what became of it."""

    __tablename__ = "invite_lines"

    list_id: Mapped[int] = mapped_column(ForeignKey(InviteList.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int]
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Role] = mapped_column(choice(Role))
    state: Mapped[LineState] = mapped_column(choice(LineState))
    reason: Mapped[str | None] = mapped_column(Text)


def invite_list(list_id: int) -> InviteList | None:
    """Find a list."""
    return db.session.get(InviteList, list_id)


def add_lines(list_id: int, lines: Iterable[Checked]) -> None:
    """Write the lines of a list."""
    rows = [
        {
            "list_id": list_id,
            "number": number,
            "line": one.line,
            "email": one.email,
            "role": one.role,
            "state": LineState.REFUSED if one.problem else LineState.READY,
            "reason": one.problem,
        }
        for number, one in enumerate(lines, 1)
    ]
    db.session.execute(insert(InviteLine), rows)


def lines_of(
    list_id: int, state: LineState | None = None, limit: int | None = None
) -> list[InviteLine]:
    """List the lines of a list in order, or those in one state."""
    statement = select(InviteLine).where(InviteLine.list_id == list_id)
    if state is not None:
        statement = statement.where(InviteLine.state == state)
    return list(db.session.scalars(statement.order_by(InviteLine.number).limit(limit)))


def count_lines(list_id: int) -> dict[LineState, int]:
    """Count the lines of a list by their state."""
    statement = select(InviteLine.state, func.count()).where(InviteLine.list_id == list_id)
    counted = db.session.execute(statement.group_by(InviteLine.state))
    return dict.fromkeys(LineState, 0) | {row[0]: row[1] for row in counted}


def lists_under_way(limit: int) -> list[int]:
    """List what was sent off and is not all sent."""
    statement = select(InviteList.id).where(UNDER_WAY).order_by(InviteList.id).limit(limit)
    return list(db.session.scalars(statement))


def refuse_rest(list_id: int, reason: str) -> None:
    """Refuse all lines that are still to be sent."""
    ready = update(InviteLine).where(
        InviteLine.list_id == list_id, InviteLine.state == LineState.READY
    )
    db.session.execute(ready.values(state=LineState.REFUSED, reason=reason))


def delete_lists_before(at: datetime) -> None:
    """Forget lists that were made before an instant."""
    old = select(InviteList.id).where(InviteList.created_at < at)
    db.session.execute(delete(InviteLine).where(InviteLine.list_id.in_(old)))
    db.session.execute(delete(InviteList).where(InviteList.created_at < at))
