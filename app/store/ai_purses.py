"""What keys and sites may do at the AI proxy, what they did, and which of their calls are open.

A subject is spelled `key:12` or `site:7`. Whoever counts locks the purse's row, so that a budget
holds on any number of processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.ai_terms import EVER, NO_TERMS, BudgetPer, Terms
from app.domain.period import Period
from app.store.database import Base, BigKey, Instant, choice, db
from app.store.pools import HOLDS, POOLS

UPSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class AiTermsRow(Base):
    """What somebody set for a subject."""

    __tablename__ = "ai_terms"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    budget: Mapped[int | None] = mapped_column(BigInteger)
    per: Mapped[BudgetPer] = mapped_column(choice(BudgetPer))
    calls_per_minute: Mapped[int | None]
    calls_at_once: Mapped[int | None]


class AiPurseRow(Base):
    """What a subject with terms used since `since`, and how often it called in a minute."""

    __tablename__ = "ai_purses"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    used: Mapped[int] = mapped_column(BigInteger)
    minute: Mapped[datetime] = mapped_column(Instant)
    minute_calls: Mapped[int]


class AiOpenCallRow(Base):
    """A call of such a subject that is on, with its hold. It counts until it ends or times out."""

    __tablename__ = "ai_open_calls"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    pool: Mapped[int] = mapped_column(BigInteger)
    hold: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class AiUseRow(Base):
    """How often a subject called on a day, what that cost, and when it did last."""

    __tablename__ = "ai_use"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime] = mapped_column(Instant)


PURSES, OPEN, USE = (cast(Table, row.__table__) for row in (AiPurseRow, AiOpenCallRow, AiUseRow))


class Purse(NamedTuple):
    """A purse as it stands: `used` since `since`, `minute_calls` in `minute`."""

    since: datetime
    used: int
    minute: datetime
    minute_calls: int


EMPTY = Purse(EVER, 0, EVER, 0)


class OpenCalls(NamedTuple):
    """How many calls of a subject are open, and the credits of those that count."""

    calls: int
    credits: int


class OpenCall(NamedTuple):
    """One call as it is written down."""

    subject: str
    pool: int
    hold: int
    credits: int
    since: datetime
    expires_at: datetime


def read_terms(connection: Connection, subject: str) -> Terms:
    """Read what is set for a subject; nothing is set for most."""
    rows = AiTermsRow.__table__.c
    columns = (rows.budget, rows.per, rows.calls_per_minute, rows.calls_at_once)
    row = connection.execute(select(*columns).where(rows.subject == subject)).first()
    return Terms(*row) if row else NO_TERMS


def terms_row(subject: str) -> AiTermsRow | None:
    """Find the row of a subject, to change it."""
    return db.session.get(AiTermsRow, subject)


def read_cycle(connection: Connection, pool: int, now: datetime) -> Period | None:
    """The cycle of a pool that runs at `now`, also before anybody settled it."""
    columns = (POOLS.c.period_start, POOLS.c.period_end)
    row = connection.execute(select(*columns).where(POOLS.c.id == pool)).first()
    if row is None or row[0] is None or row[1] is None:
        return None
    return (
        Period(row[0], row[1])
        if now < row[1]
        else Period(row[1], datetime.max.replace(tzinfo=now.tzinfo))
    )


def read_purse(connection: Connection, subject: str) -> Purse:
    """Read a purse, without waiting for anybody."""
    columns = (PURSES.c.since, PURSES.c.used, PURSES.c.minute, PURSES.c.minute_calls)
    row = connection.execute(select(*columns).where(PURSES.c.subject == subject)).first()
    return Purse(*row) if row else EMPTY


def lock_purse(connection: Connection, subject: str) -> Purse:
    """Lock a purse until the transaction ends, and read it; one that is new is made."""
    new = UPSERTS[connection.dialect.name](PURSES).values(subject=subject, **EMPTY._asdict())
    connection.execute(new.on_conflict_do_nothing())
    connection.execute(
        select(PURSES.c.subject).where(PURSES.c.subject == subject).with_for_update()
    )
    return read_purse(connection, subject)


def write_purse(connection: Connection, subject: str, purse: Purse) -> None:
    """Write a purse that is locked."""
    connection.execute(update(PURSES).where(PURSES.c.subject == subject).values(**purse._asdict()))


def read_open(connection: Connection, subject: str, since: datetime, now: datetime) -> OpenCalls:
    """Add up the calls of a subject that are open."""
    statement = select(OPEN.c.since, OPEN.c.credits).where(
        OPEN.c.subject == subject, OPEN.c.expires_at > now
    )
    rows = connection.execute(statement).all()
    return OpenCalls(len(rows), sum(row.credits for row in rows if row.since == since))


def add_open(connection: Connection, call: OpenCall) -> int:
    """Write a call down and return its number."""
    done = connection.execute(insert(OPEN).values(**call._asdict()).returning(OPEN.c.id))
    return int(done.scalar_one())


def move_open(connection: Connection, number: int, expires_at: datetime) -> None:
    """Let a call live longer."""
    connection.execute(update(OPEN).where(OPEN.c.id == number).values(expires_at=expires_at))


def drop_open(connection: Connection, number: int) -> datetime | None:
    """Forget a call and return since when it counts; None when it is gone already."""
    done = connection.execute(delete(OPEN).where(OPEN.c.id == number).returning(OPEN.c.since))
    return done.scalar_one_or_none()


def drop_timed_out(connection: Connection, subject: str, since: datetime, now: datetime) -> int:
    """Forget the calls that nobody ended in time; returns what those that count cost.

    Their process died. What its holds came to stands in the ledger.
    """
    gone = delete(OPEN).where(OPEN.c.subject == subject, OPEN.c.expires_at <= now)
    rows = connection.execute(gone.returning(OPEN.c.pool, OPEN.c.hold, OPEN.c.since)).all()
    cost = 0
    for row in rows:
        if row.since == since:
            held = select(HOLDS.c.captured).where(
                HOLDS.c.pool == row.pool, HOLDS.c.number == row.hold
            )
            cost += connection.scalar(held) or 0
    return cost


def delete_purses_of_visitors(before: datetime) -> None:
    """Forget the visitors of sites who called last before that instant, and calls of theirs that
    nobody ended. What they may cause is counted by the day; a key's or a site's purse stays.
    """
    for table, last in ((PURSES, PURSES.c.minute), (OPEN, OPEN.c.expires_at)):
        db.session.execute(delete(table).where(table.c.subject.contains("/"), last < before))


def add_use(connection: Connection, uses: Iterable[tuple[str, date, int, int, datetime]]) -> None:
    """Add (subject, day, calls, credits, last) to what is there."""
    for subject, day, calls, credits, last in sorted(uses):
        new = UPSERTS[connection.dialect.name](USE).values(
            subject=subject, day=day, calls=calls, credits=credits, last_at=last
        )
        connection.execute(
            new.on_conflict_do_update(
                index_elements=["subject", "day"],
                set_={
                    "calls": USE.c.calls + calls,
                    "credits": USE.c.credits + credits,
                    "last_at": last,
                },
            )
        )


def read_use(connection: Connection, subjects: Iterable[str], since: date) -> dict[str, Any]:
    """Read by subject the calls and credits since a day, and when it called last, ever."""
    wanted = list(subjects)
    recent = USE.c.day >= since
    statement = (
        select(
            USE.c.subject,
            func.coalesce(func.sum(USE.c.calls).filter(recent), 0).label("calls"),
            func.coalesce(func.sum(USE.c.credits).filter(recent), 0).label("credits"),
            func.max(USE.c.last_at).label("last_at"),
        )
        .where(USE.c.subject.in_(wanted))
        .group_by(USE.c.subject)
    )
    return {row.subject: row for row in connection.execute(statement)}
