"""Notifications of people, what each of them chose to be told of, and what was told already."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notification import CHOOSABLE, Choice, NotificationKind, Way, is_wanted
from app.domain.role import Role
from app.store.accounts import Account, Membership
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.people import Person
from app.store.pools import Json

UNREAD = text("read_at IS NULL")
MANAGERS = (Role.OWNER, Role.ADMIN)


class Notification(Base):
    """Something that a person is told of in the page; `facts` are the parts of its words."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_person_id", "person_id", "id"),
        Index(
            "ix_notifications_unread",
            "person_id",
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    kind: Mapped[NotificationKind] = mapped_column(choice(NotificationKind))
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    link: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    account: Mapped[Account | None] = relationship(lazy="joined")


class NotificationChoice(Base):
    """A person wants to be told of something by that way, or doesn't."""

    __tablename__ = "notification_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    kind: Mapped[NotificationKind] = mapped_column(choice(NotificationKind), primary_key=True)
    way: Mapped[Way] = mapped_column(choice(Way), primary_key=True)
    wanted: Mapped[bool]


class Told(Base):
    """People of an account were told of something; the key makes it once."""

    __tablename__ = "told"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


def claim_telling(account_id: int, about: str, at: datetime) -> bool:
    """Take it upon oneself to tell of something; False when somebody did before."""
    connection = db.session.connection()
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = kind.insert(Told).values(account_id=account_id, about=about, at=at)
    taken = made.on_conflict_do_nothing().returning(Told.account_id)
    return connection.execute(taken).first() is not None


def managers_of(account_id: int) -> list[Person]:
    """List the owner and the admins of an account."""
    statement = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.account_id == account_id, Membership.role.in_(MANAGERS))
        .order_by(Person.id)
    )
    return list(db.session.scalars(statement))


def those_who_want(people: Collection[int], kind: NotificationKind, way: Way) -> list[int]:
    """Tell which of these people want to be told of it that way."""
    chosen = NotificationChoice
    statement = select(chosen.person_id, chosen.wanted).where(
        chosen.person_id.in_(people), chosen.kind == kind, chosen.way == way
    )
    said = {row[0]: row[1] for row in db.session.execute(statement)}
    return [one for one in people if is_wanted(kind, way, said.get(one))]


def choices_of(person_id: int) -> set[Choice]:
    """Tell what a person is told of, and by which ways."""
    chosen = NotificationChoice
    statement = select(chosen.kind, chosen.way, chosen.wanted).where(chosen.person_id == person_id)
    said = {(row[0], row[1]): row[2] for row in db.session.execute(statement)}
    return {one for one in CHOOSABLE if is_wanted(*one, said.get(one))}


def keep_choices(person_id: int, wanted: Collection[Choice]) -> None:
    """Note what a person chose; only what differs from what is usual is kept."""
    mine = NotificationChoice.person_id == person_id
    db.session.execute(delete(NotificationChoice).where(mine))
    db.session.add_all(
        NotificationChoice(person_id=person_id, kind=kind, way=way, wanted=(kind, way) in wanted)
        for kind, way in sorted(CHOOSABLE)
        if is_wanted(kind, way, None) != ((kind, way) in wanted)
    )


def add_notifications(rows: Iterable[Notification]) -> None:
    """Write notifications."""
    db.session.add_all(rows)


def notifications_of(person_id: int, limit: int, before: int | None) -> list[Notification]:
    """List a person's notifications, the newest first."""
    statement = select(Notification).where(Notification.person_id == person_id)
    if before is not None:
        statement = statement.where(Notification.id < before)
    return list(db.session.scalars(statement.order_by(Notification.id.desc()).limit(limit)))


def notification_of(person_id: int, number: int) -> Notification | None:
    """Find one of a person's notifications."""
    mine = (Notification.id == number, Notification.person_id == person_id)
    return db.session.scalar(select(Notification).where(*mine))


def count_unread(person_id: int, most: int) -> int:
    """Count what a person has not read, up to so many."""
    unread = select(Notification.id).where(
        Notification.person_id == person_id, Notification.read_at.is_(None)
    )
    counted = unread.limit(most).subquery()
    return db.session.scalars(select(func.count()).select_from(counted)).one()


def read_all(person_id: int, until: int, now: datetime) -> None:
    """Note that a person read all up to that one."""
    unread = update(Notification).where(
        Notification.person_id == person_id,
        Notification.id <= until,
        Notification.read_at.is_(None),
    )
    db.session.execute(unread.values(read_at=now))


def delete_told_before(at: datetime, told_before: datetime) -> None:
    """Forget notifications from before an instant, and what was told before another."""
    db.session.execute(delete(Notification).where(Notification.at < at))
    db.session.execute(delete(Told).where(Told.at < told_before))
