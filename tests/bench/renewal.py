"""A hundred thousand workspaces that are due at the same instant, made by the pools' own rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.catalogue import Plan
from app.domain.command import AddGrant, Deduct
from app.domain.grant import Source
from app.domain.pool import Pool
from app.domain.settlement import settle, start_plan
from app.domain.transaction import Attribution
from app.domain.trigger import Trigger
from app.services.cycle.run import watched_run
from app.services.directory import directory
from app.store import bulk
from app.store.accounts import Account, AccountKind, Membership
from app.store.database import current_engine, db, write_connection
from app.store.ledger import save
from app.store.pools import GrantRow, PeriodRow, PoolRow, TransactionRow
from tests.bench.installation import START

FIRST_ID = 1_000_000
AT_ONCE = 5_000
ANCHOR = START - timedelta(days=45)
WITH_OBJECTS = 300


@dataclass(frozen=True)
class Renewed:
    """What came of renewing many pools."""

    pools: int
    per_second: float
    longest_chunk: float


def workspaces(count: int) -> datetime:
    """Make workspaces in their second period; returns the instant at which all of them renew.

    Every second one used what it had, as busy teams do; every other one has credits that expire
    at the renewal, and every tenth a top-up.
    """
    business = directory().catalogue(START).plans["business"]
    for chunk in _chunks(count):
        pools = [_pool(number, business) for number in chunk]
        accounts = [
            (i, AccountKind.WORKSPACE.value, f"team-{i}", f"Team {i}", ANCHOR, None) for i in chunk
        ]
        places = [(i, 1, "owner", ANCHOR) for i in chunk]
        with write_connection(current_engine()) as connection:
            bulk.insert(connection, Account.__table__, accounts)
            bulk.insert(connection, Membership.__table__, places)
            save(connection, pools)
    return business.period(ANCHOR, 2).start


def renew(at: datetime) -> Renewed:
    """Close what is due, as the command and the scheduler do; a chunk is locked until it ends."""
    chunks = []
    began = seen = time.perf_counter()
    settled = 0
    for run in watched_run(at, Trigger.COMMAND, lambda: at):
        assert run.failures == []
        settled = run.settled
        chunks.append(time.perf_counter() - seen)
        seen = time.perf_counter()
    return Renewed(settled, settled / (seen - began), max(chunks[1:]))


def renew_with_objects(at: datetime) -> float:
    """Renew pools in the usual way: objects, one transaction each; returns how many a second."""
    wanted = select(PoolRow.id).where(PoolRow.due_at <= at).order_by(PoolRow.id.desc())
    ids = list(db.session.scalars(wanted.limit(WITH_OBJECTS)))
    db.session.commit()
    began = time.perf_counter()
    for pool_id in ids:
        db.session.connection(execution_options={"writing": True})
        _renew_one(pool_id, at)
        db.session.commit()
        db.session.expunge_all()
    return len(ids) / (time.perf_counter() - began)


def _renew_one(pool_id: int, at: datetime) -> None:
    pool = db.session.scalars(select(PoolRow).where(PoolRow.id == pool_id).with_for_update()).one()
    grants = db.session.scalars(select(GrantRow).where(GrantRow.pool == pool_id, GrantRow.is_open))
    for grant in grants:
        if grant.expires_at is not None and grant.expires_at <= at:
            _line(pool, "expiry", -grant.remaining, grant.number, at)
            grant.expired, grant.remaining, grant.is_open = grant.remaining, 0, False
    _, after = pool.period_start, at + (at - (pool.period_start or at))
    pool.grant_count += 1
    pool.period_index, pool.period_number = pool.period_index + 1, pool.period_number + 1
    pool.at, pool.period_start, pool.period_end, pool.due_at = at, at, after, after
    facts = {"granted": 5_000, "remaining": 5_000, "held": 0, "used": 0, "expired": 0}
    times = {"effective_at": at, "expires_at": after + (after - at), "is_open": True}
    number, plan = pool.grant_count, pool.plan
    db.session.add(GrantRow(pool=pool_id, number=number, source="allocation", **facts, **times))
    _line(pool, "allocation", 5_000, number, at)
    opened = {"starts_at": at, "ends_at": after, "granted": 5_000, "carried": 0, "trimmed": 0}
    db.session.add(PeriodRow(pool=pool_id, number=pool.period_number, plan=plan, **opened))


def _line(pool: PoolRow, kind: str, credits: int, grant: int, at: datetime) -> None:
    pool.seq, pool.balance = pool.seq + 1, pool.balance + credits
    money = {"credits": credits, "balance_after": pool.balance, "draws": [[grant, abs(credits)]]}
    db.session.add(TransactionRow(pool=pool.id, seq=pool.seq, kind=kind, at=at, **money))


def _chunks(count: int) -> Iterator[range]:
    last = FIRST_ID + count
    return (range(i, min(i + AT_ONCE, last)) for i in range(FIRST_ID, last, AT_ONCE))


def _pool(number: int, plan: Plan) -> Pool:
    pool = Pool(number, seq=0, balance=0, held=0, grant_count=0, hold_count=0, at=ANCHOR)
    start_plan(pool, plan, ANCHOR, ANCHOR)
    who = Attribution(1, None, "deploy", 1)
    if number % 10 == 0:
        AddGrant(Source.TOP_UP, 1_000).apply(pool, ANCHOR)
    now = ANCHOR + timedelta(days=40)
    settle(pool, now, {plan.key: plan})
    Deduct(8_000 if number % 2 else 1_500, who).apply(pool, now)
    return pool
