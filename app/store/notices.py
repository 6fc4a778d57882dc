"""Notices: which pool was looked at for which mail, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Exists, Select, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.grant import Source
from app.domain.notice import NoticeKind
from app.store.accounts import Account
from app.store.database import Base, Instant, choice, db
from app.store.pools import GRANTS, POOLS

A_DAY = timedelta(days=1)


class Notice(Base):
    """A pool was looked at for a mail about what happens at an instant; the key makes it once."""

    __tablename__ = "notices"

    pool: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind), primary_key=True)
    about: Mapped[datetime] = mapped_column(Instant, primary_key=True)


def claim_notices(
    connection: Connection, kind: NoticeKind, wanted: Iterable[tuple[int, datetime]]
) -> set[tuple[int, datetime]]:
    """Take notices by (pool, instant) that nobody took before; returns those that are ours."""
    rows = [{"pool": pool, "kind": kind, "about": about} for pool, about in wanted]
    if not rows:
        return set()
    made = (
        postgresql.insert(Notice).values(rows).on_conflict_do_nothing()
        if connection.dialect.name == "postgresql"
        else sqlite.insert(Notice).values(rows).on_conflict_do_nothing()
    )
    taken = connection.execute(made.returning(Notice.pool, Notice.about))
    return {(row[0], row[1]) for row in taken}


def renewed_pools(
    connection: Connection, plans: Collection[str], since: datetime, limit: int, after: int
) -> list[tuple[int, datetime]]:
    """List pools on these plans whose period began since then and that got no statement of it."""
    pools = POOLS.c
    statement = (
        select(pools.id, pools.period_start)
        .where(
            pools.id > after,
            pools.plan.in_(plans),
            pools.period_number > 1,
            pools.period_start > since,
            ~_noticed(NoticeKind.STATEMENT, pools.id, pools.period_start),
        )
        .order_by(pools.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(_standing(statement, pools.id))]


def expiring_pools(
    connection: Connection,
    daily: Collection[str],
    now: datetime,
    until: datetime,
    limit: int,
    after: int,
) -> list[int]:
    """List pools that have credits which expire until then and that nobody looked at for it.

    Allocations of daily plans come and go; nobody is told of that.
    """
    grants, kind = GRANTS.c, NoticeKind.EXPIRING
    statement = (
        select(grants.pool)
        .join(POOLS, POOLS.c.id == grants.pool)
        .where(
            grants.pool > after,
            grants.is_open,
            grants.remaining > 0,
            grants.expires_at > now,
            grants.expires_at <= until,
            grants.effective_at <= now - A_DAY,
            (grants.source != Source.ALLOCATION) | POOLS.c.plan.not_in(daily),
            ~_noticed(kind, grants.pool, grants.expires_at),
        )
        .distinct()
        .order_by(grants.pool)
        .limit(limit)
    )
    return list(connection.scalars(_standing(statement, grants.pool)))


def trimming_pools(
    connection: Connection,
    plans: Collection[str],
    now: datetime,
    until: datetime,
    limit: int,
    after: int,
) -> list[int]:
    """List pools on plans that may cut off at the cap, which renew until then, not looked at."""
    pools = POOLS.c
    statement = (
        select(pools.id)
        .where(
            pools.id > after,
            pools.renews,
            pools.plan.in_(plans),
            pools.period_end > now,
            pools.period_end <= until,
            ~_noticed(NoticeKind.EXPIRING, pools.id, pools.period_end),
        )
        .order_by(pools.id)
        .limit(limit)
    )
    return list(connection.scalars(_standing(statement, pools.id)))


def delete_notices_before(at: datetime) -> None:
    """Forget notices about what happened before an instant."""
    db.session.execute(delete(Notice).where(Notice.about < at))


def _noticed(kind: NoticeKind, pool: Any, about: Any) -> Exists:  # noqa: ANN401 - columns
    return exists().where(Notice.pool == pool, Notice.kind == kind, Notice.about == about)


def _standing(statement: Select[Any], pool: Any) -> Select[Any]:  # noqa: ANN401 - a column
    return statement.join(Account, Account.id == pool).where(Account.deleted_at.is_(None))
