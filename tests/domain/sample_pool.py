"""Pools made by hand, for the tests of their rules."""

from datetime import UTC, datetime, timedelta

from app.domain.catalogue import Plan
from app.domain.command import Deduct, PlaceHold
from app.domain.grant import Grant, Source
from app.domain.period import Renews
from app.domain.pool import Pool
from app.domain.settlement import settle, start_plan
from app.domain.transaction import Attribution

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
BOB = Attribution(member=2, app=1, action="deploy", quantity=1)

FREE = Plan("free", "Free", 5, Renews.DAILY, None, workspaces=False)
BUSINESS = Plan("business", "Business", 5_000, Renews.MONTHLY, 10_000, workspaces=True)
PLANS = {plan.key: plan for plan in (FREE, BUSINESS)}


def later(**span):
    """So much after NOW."""
    return NOW + timedelta(**span)


def a_grant(number, credits, expires_at=None, source=Source.TOP_UP, effective_at=NOW):
    """A grant of which nothing has moved yet."""
    return Grant(number, source, credits, credits, 0, 0, 0, effective_at, expires_at)


def a_pool(*grants):
    """A pool that has these grants and nothing else."""
    pool = Pool(7, seq=0, balance=0, held=0, grant_count=len(grants), hold_count=0, at=NOW)
    pool.grants = sorted(grants, key=Grant.order_of_use)
    pool.balance = sum(grant.granted for grant in grants)
    return pool


def on_plan(plan, anchor=NOW, now=NOW):
    """A pool that has just begun a plan."""
    pool = a_pool()
    start_plan(pool, plan, anchor, now)
    return pool


def deduct(pool, credits, now=NOW):
    """Deduct as the ledger does: settle first."""
    settle(pool, now, PLANS)
    line = Deduct(credits, BOB).apply(pool, now)
    assert pool.is_sound()
    return line


def place(pool, credits, now=NOW, minutes=15):
    """Place a hold as the ledger does."""
    settle(pool, now, PLANS)
    hold = PlaceHold(credits, BOB, timedelta(minutes=minutes)).apply(pool, now)
    assert pool.is_sound()
    return hold


def apply(pool, command, now=NOW):
    """Apply any command as the ledger does."""
    settle(pool, now, PLANS)
    outcome = command.apply(pool, now)
    assert pool.is_sound()
    return outcome


def remaining(pool):
    """What is free in each grant, by number."""
    return {grant.number: grant.remaining for grant in every_grant(pool)}


def every_grant(pool):
    """All grants, those that are gone too."""
    return [*pool.gone, *pool.grants]


def told(pool):
    """The new lines: what each records, how many credits, when."""
    return [(line.kind.value, line.credits, line.at) for line in pool.lines]
