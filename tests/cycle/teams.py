"""Many workspaces at once, made by the pools' own rules and written by the store's own hand."""

from dataclasses import dataclass

from app.domain.command import Deduct
from app.domain.pool import Pool
from app.domain.settlement import start_plan
from app.domain.transaction import Attribution
from app.services.directory import directory
from app.store import bulk
from app.store.accounts import Account, Membership
from app.store.database import current_engine, db, write_connection
from app.store.ledger import save
from app.store.pools import PERIODS, POOLS
from tests.conftest import START

FIRST_ID = 10_000
USED = 1_500
RENEWAL = START.replace(month=2)


@dataclass
class Teams:
    """Workspaces on Business since START, each with 3,500 of 5,000 credits left."""

    count: int

    def open(self, owner_id):
        """Write them."""
        plan = directory().catalogue(START).plans["business"]
        ids = range(FIRST_ID, FIRST_ID + self.count)
        accounts = [(i, "workspace", f"team-{i}", f"Team {i}", START, None) for i in ids]
        places = [(i, owner_id, "owner", START) for i in ids]
        with write_connection(current_engine()) as connection:
            bulk.insert(connection, Account.__table__, accounts)
            bulk.insert(connection, Membership.__table__, places)
            save(connection, [_pool(number, plan, owner_id) for number in ids])
        return self

    def periods(self):
        """How many periods each of them has."""
        mine = PERIODS.c.pool >= FIRST_ID
        statement = db.select(PERIODS.c.pool, db.func.count()).where(mine).group_by(PERIODS.c.pool)
        with db.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def balances(self):
        """What each of them has."""
        statement = db.select(POOLS.c.id, POOLS.c.balance).where(POOLS.c.id >= FIRST_ID)
        with db.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}


def _pool(number, plan, owner_id):
    pool = Pool(number, seq=0, balance=0, held=0, grant_count=0, hold_count=0, at=START)
    start_plan(pool, plan, START, START)
    Deduct(USED, Attribution(owner_id, None, "deploy", USED)).apply(pool, START)
    return pool
