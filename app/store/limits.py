"""Limits that owners set on their pools."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Connection, ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.limit import Limit, LimitEffect, LimitPer, LimitWho
from app.store.accounts import Account
from app.store.apps import App
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person


class LimitRow(Base):
    """So many credits in a window. `member_id` or `app_id` say whom it is about, if one."""

    __tablename__ = "limits"
    __table_args__ = (
        CheckConstraint("credits > 0", name="size"),
        CheckConstraint(
            "(who = 'member') = (member_id IS NOT NULL) AND (who = 'app') = (app_id IS NOT NULL)",
            name="subject",
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    who: Mapped[LimitWho] = mapped_column(choice(LimitWho))
    member_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    app_id: Mapped[int | None] = mapped_column(ForeignKey(App.id))
    effect: Mapped[LimitEffect] = mapped_column(choice(LimitEffect))
    credits: Mapped[int] = mapped_column(BigInteger)
    per: Mapped[LimitPer] = mapped_column(choice(LimitPer))
    made_by: Mapped[int] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def subject(self) -> int | None:
        """The id of the member or the app that it is about."""
        return self.member_id if self.member_id is not None else self.app_id

    def rule(self) -> Limit:
        """The limit as the rules know it."""
        return Limit(self.id, self.who, self.subject, self.effect, self.credits, self.per)


def limits_of(account_id: int) -> list[LimitRow]:
    """List an account's limits, the oldest first."""
    statement = select(LimitRow).where(LimitRow.account_id == account_id).order_by(LimitRow.id)
    return list(db.session.scalars(statement))


def limit_of(account_id: int, limit_id: int) -> LimitRow | None:
    """Find a limit of an account."""
    statement = select(LimitRow).where(LimitRow.id == limit_id, LimitRow.account_id == account_id)
    return db.session.scalar(statement)


def delete_limit(row: LimitRow) -> None:
    """Delete a limit, so that the directory's version rises."""
    db.session.delete(row)


def read_limits(connection: Connection, account_id: int) -> tuple[Limit, ...]:
    """Read an account's limits for the money path."""
    columns = LimitRow.__table__.c
    statement = select(
        columns.id,
        columns.who,
        func.coalesce(columns.member_id, columns.app_id),
        columns.effect,
        columns.credits,
        columns.per,
    ).where(columns.account_id == account_id)
    return tuple(Limit(*row) for row in connection.execute(statement.order_by(columns.id)))
