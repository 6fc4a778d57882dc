"""Actions on apps: what was asked, which hold pays for it, who works on it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.action_run import LONGEST_ERROR, ActionKind, RunState
from app.store.accounts import Account
from app.store.apps import App
from app.store.database import Base, BigKey, Instant, choice, db, read_connection
from app.store.people import Person

OVER = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)
ON_ITS_WAY = (RunState.QUEUED, RunState.RUNNING)


class ActionRun(Base):
    """One action. `account_id` is the pool that pays, whoever owns the app later.

    `hold` is the number of the hold in that pool, `credits` what it holds; `captured` is what it
    cost in the end, by the transaction `seq`. `base` is the version it began with, `version` the
    one it made. `claimed_by` works on it, until `lease_until` unless it says so again.
    """

    __tablename__ = "action_runs"
    __table_args__ = (
        UniqueConstraint("account_id", "person_id", "key"),
        Index("ix_action_runs_state_id", "state", "id"),
        Index("ix_action_runs_app_id_id", "app_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    app_id: Mapped[int] = mapped_column(ForeignKey(App.id))
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    key: Mapped[str] = mapped_column(String(255))
    kind: Mapped[ActionKind] = mapped_column(choice(ActionKind))
    action: Mapped[str] = mapped_column(String(60))
    runner: Mapped[str] = mapped_column(String(40))
    prompt: Mapped[str] = mapped_column(Text)
    base: Mapped[int | None]
    state: Mapped[RunState] = mapped_column(choice(RunState))
    hold: Mapped[int] = mapped_column(Integer)
    credits: Mapped[int] = mapped_column(BigInteger)
    captured: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(String(2000))
    error: Mapped[str] = mapped_column(String(LONGEST_ERROR))
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    app: Mapped[App] = relationship(lazy="joined")
    account: Mapped[Account] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class ActionStep(Base):
    """A line of an action's progress, numbered 1, 2, 3 …; it is kept for a while only."""

    __tablename__ = "action_steps"

    run_id: Mapped[int] = mapped_column(
        ForeignKey(ActionRun.id), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class Said(NamedTuple):
    """A line of progress: a kind (progress, piece, file) and its text."""

    kind: str
    text: str


def lock_run(run_id: int) -> ActionRun | None:
    """Take an action until the transaction ends."""
    statement = select(ActionRun).where(ActionRun.id == run_id)
    return db.session.scalars(statement.with_for_update(of=ActionRun)).first()


def run_by_id(run_id: int) -> ActionRun | None:
    """Find an action as it is now."""
    return db.session.get(ActionRun, run_id, populate_existing=True)


def run_by_key(account_id: int, person_id: int, key: str) -> ActionRun | None:
    """Find what a person began with that key."""
    statement = select(ActionRun).where(
        ActionRun.account_id == account_id, ActionRun.person_id == person_id, ActionRun.key == key
    )
    return db.session.scalars(statement).first()


def runs_of(app_id: int, before: int | None, limit: int) -> list[ActionRun]:
    """List an app's actions, the latest first, from the one before the id `before`."""
    statement = select(ActionRun).where(ActionRun.app_id == app_id)
    if before is not None:
        statement = statement.where(ActionRun.id < before)
    return list(db.session.scalars(statement.order_by(ActionRun.id.desc()).limit(limit)))


def count_on_their_way(account_id: int) -> int:
    """Count an account's actions that are queued or running."""
    statement = select(func.count()).where(
        ActionRun.account_id == account_id, ActionRun.state.in_(ON_ITS_WAY)
    )
    return db.session.scalars(statement).one()


def first_queued() -> int | None:
    """The action that has waited longest, on a connection of its own."""
    statement = select(ActionRun.id).where(ActionRun.state == RunState.QUEUED)
    with read_connection() as connection:
        return connection.scalar(statement.order_by(ActionRun.id).limit(1))


def state_of(run_id: int) -> tuple[RunState, str | None] | None:
    """How an action stands this very moment, and who works on it."""
    statement = select(ActionRun.state, ActionRun.claimed_by).where(ActionRun.id == run_id)
    with read_connection() as connection:
        row = connection.execute(statement).first()
    return None if row is None else (row[0], row[1])


def renew(run_id: int, worker: str, until: datetime) -> bool:
    """Say that the worker is still at it; False when the action is no longer its own."""
    done = db.session.execute(
        update(ActionRun)
        .where(
            ActionRun.id == run_id,
            ActionRun.state == RunState.RUNNING,
            ActionRun.claimed_by == worker,
        )
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def left_behind(now: datetime, queued_before: datetime, limit: int = 100) -> list[int]:
    """List actions whose worker fell silent, and those that nobody took for too long."""
    silent = (ActionRun.state == RunState.RUNNING) & (ActionRun.lease_until < now)
    never_begun = (ActionRun.state == RunState.QUEUED) & ActionRun.started_at.is_(None)
    forgotten = never_begun & (ActionRun.created_at < queued_before)
    statement = select(ActionRun.id).where(or_(silent, forgotten))
    with read_connection() as connection:
        return list(connection.scalars(statement.order_by(ActionRun.id).limit(limit)))


def last_step(run_id: int) -> int:
    """The number of an action's last line of progress; 0 for none."""
    statement = select(func.max(ActionStep.number)).where(ActionStep.run_id == run_id)
    return db.session.scalar(statement) or 0


def add_steps(run_id: int, after: int, said: Iterable[Said], now: datetime) -> int:
    """Write lines of progress after the number `after`; returns the number of the last one."""
    rows = [
        {"run_id": run_id, "number": number, "kind": kind, "text": text, "at": now}
        for number, (kind, text) in enumerate(said, after + 1)
    ]
    if rows:
        db.session.execute(insert(ActionStep), rows)
    return after + len(rows)


def steps_after(run_id: int, after: int, limit: int) -> list[ActionStep]:
    """List an action's lines of progress after a number."""
    statement = select(ActionStep).where(ActionStep.run_id == run_id, ActionStep.number > after)
    return list(db.session.scalars(statement.order_by(ActionStep.number).limit(limit)))


def delete_steps_of_runs_ended_before(instant: datetime) -> None:
    """Forget the progress of actions that ended before an instant; the actions stay."""
    ended = select(ActionRun.id).where(ActionRun.state.in_(OVER), ActionRun.ended_at < instant)
    db.session.execute(delete(ActionStep).where(ActionStep.run_id.in_(ended)))
