"""VERB: open the pool of a new account, with its first allocation."""

from __future__ import annotations

from datetime import datetime

from app.domain.pool import Pool
from app.domain.settlement import start_plan
from app.store.catalogue import read_catalogue
from app.store.database import current_connection
from app.store.ledger import save


def open_pool(account_id: int, plan_key: str, anchor: datetime, now: datetime) -> None:
    """Open a pool on a plan whose periods count from `anchor`, within a running transaction.

    Raises `InvalidRequest` when there is no such plan.
    """
    plan = read_catalogue(current_connection(), now)[0].plan(plan_key)
    pool = Pool(account_id, seq=0, balance=0, held=0, grant_count=0, hold_count=0, at=now)
    start_plan(pool, plan, anchor, now)
    save(current_connection(), [pool])
