"""Rollover through the real path: database, settlement, ledger, views, proof."""

from datetime import timedelta

import pytest

from app.domain.grant import Source
from app.domain.trigger import Trigger
from app.services.billing.change_plan import cancel_plan, change_plan, resume_plan
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, release
from app.services.credits.grant import grant_credits
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.credits.verify import verify_ledger
from app.services.cycle.run import run_cycle
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.store.database import db
from app.store.pools import PERIODS
from tests.conftest import START

CAP = 10_000
ALLOCATIONS = (5_000, 10_000, 10_001, 20_000)
UNUSED = (0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001)
SECOND = timedelta(seconds=1)


def month(number):
    """The instant at which period `number` (0: the first) begins; START is on a 15th."""
    return START.replace(year=START.year + number // 12, month=number % 12 + 1)


@pytest.fixture
def platform(app):
    return caller_of(make_service_token("platform", START)[1], START)


@pytest.fixture
def spend(platform, alice):
    """Deduct so many credits from a workspace: one of `deploy` each."""
    keys = iter(range(10_000))

    def take(slug, credits, now):
        asked = Spending(slug, alice.email, None, "deploy", credits)
        deduct(platform, asked, f"key {next(keys)}", now)

    return take


@pytest.fixture
def hold(platform, alice):
    """Hold so many credits of a workspace for an hour."""

    def place(slug, credits, now):
        asked = Spending(slug, alice.email, None, "deploy", credits)
        return place_hold(platform, asked, f"hold {slug} {now}", 3_600, now).value

    return place


def close(now):
    return run_cycle(now, Trigger.COMMAND, lambda: now)


def periods_of(account):
    with db.engine.connect() as connection:
        mine = PERIODS.select().where(PERIODS.c.pool == account.id).order_by(PERIODS.c.number)
        return [
            (row.plan, row.granted, row.carried, row.trimmed) for row in connection.execute(mine)
        ]


def lines_at(account, at, now=None):
    found = transactions(account, TransactionFilter(), 200, None, now or at)
    return [(line.kind, line.credits) for line in reversed(found) if line.at == at]


def require_proof():
    assert [found.difference for found in verify_ledger() if found.difference] == []


def expected(allocation, unused):
    """What the product says, in its own words: old and new together never exceed the cap."""
    carried = max(0, min(unused, CAP - allocation))
    return carried, unused - carried


def test_every_allocation_with_every_rest(add_plan, open_on, spend, alice):
    """The rest comes out of a first period of a plan that gave at least that much."""
    for allocation in ALLOCATIONS:
        add_plan(f"gives-{allocation}", allocation, CAP)
    for unused in UNUSED:
        add_plan(f"before-{unused}", max(unused, 1), CAP)
    cases = {}
    for allocation in ALLOCATIONS:
        for unused in UNUSED:
            slug = f"team-{allocation}-{unused}"
            cases[allocation, unused] = account = open_on(slug, f"before-{unused}")
            access = access_to(alice.id, slug)[1]
            change_plan(access, f"gives-{allocation}", START, at_period_end=True)
            if not unused:
                spend(slug, 1, START)
            assert pool(account, START).available == unused
    run = close(month(1))
    assert (run.failures, run.settled) == ([], len(cases) + 1)
    for (allocation, unused), account in cases.items():
        carried, trimmed = expected(allocation, unused)
        assert pool(account, month(1)).available == carried + allocation, (allocation, unused)
        assert periods_of(account)[-1] == (f"gives-{allocation}", allocation, carried, trimmed)
        told = [("allocation", allocation)]
        assert lines_at(account, month(1)) == [("expiry", -trimmed)] * bool(trimmed) + told
    require_proof()


@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_two_idle_months(add_plan, open_on, allocation):
    add_plan("p", allocation, CAP)
    account = open_on("team", "p")
    carried, trimmed = expected(allocation, allocation)
    for number in (1, 2, 3):
        close(month(number))
        assert pool(account, month(number)).available == allocation + carried
        assert periods_of(account)[-1] == ("p", allocation, carried, trimmed)
        gone = [] if number == 1 else [("expiry", -carried)] * bool(carried)
        gone += [("expiry", -trimmed)] * bool(trimmed)
        assert lines_at(account, month(number)) == [*gone, ("allocation", allocation)]
    require_proof()


def test_two_idle_months_closed_late_are_the_same(add_plan, open_on):
    add_plan("p", 7_000, CAP)
    early, late = open_on("early", "p"), open_on("late", "p")
    for number in (1, 2, 3):
        pool(early, month(number))
    now = month(3) + timedelta(hours=5)
    close(now)
    assert periods_of(early) == periods_of(late)
    both = [transactions(each, TransactionFilter(), 200, None, now) for each in (early, late)]
    facts = [[(x.kind, x.credits, x.balance_after, x.at) for x in each] for each in both]
    assert facts[0] == facts[1]
    require_proof()


def test_a_hold_across_the_boundary_is_captured_against_what_it_held(open_on, hold, platform):
    account = open_on("team")
    close(month(1))
    late = month(2) - SECOND
    running = hold("team", 5_500, late)
    close(month(2))
    view = pool(account, month(2))
    # 5,000 of the hold are from a grant that has expired, 500 from the carried one.
    assert (view.available, view.held) == (4_500 + 5_000, 5_500)
    capture(platform, running.id, 5_400, month(2) + SECOND)
    view = pool(account, month(2) + SECOND)
    assert (view.available, view.held) == (4_500 + 100 + 5_000, 0)
    require_proof()


def test_a_hold_across_the_boundary_that_fails_expires_what_is_past(open_on, hold, platform):
    account = open_on("team")
    close(month(1))
    running = hold("team", 5_500, month(2) - SECOND)
    close(month(2))
    release(platform, running.id, month(2) + SECOND)
    assert lines_at(account, month(2) + SECOND) == [("expiry", -5_000)]
    assert pool(account, month(2) + SECOND).available == 10_000
    require_proof()


def test_a_hold_that_times_out_at_the_boundary(open_on, hold):
    account = open_on("team")
    close(month(1))
    hold("team", 5_500, month(2) - timedelta(hours=1))
    close(month(2))
    view = pool(account, month(2))
    assert (view.available, view.held) == (10_000, 0)
    assert [kind for kind, _ in lines_at(account, month(2))] == ["expiry", "allocation"]
    require_proof()


def test_a_top_up_one_second_before_is_neither_trimmed_nor_counted(open_on):
    account = open_on("team")
    close(month(1))
    grant_credits("team", 3_000, Source.TOP_UP, None, None, month(2) - SECOND)
    assert pool(account, month(2) - SECOND).available == 13_000
    close(month(2))
    assert pool(account, month(2)).available == 13_000
    assert periods_of(account)[-1] == ("business", 5_000, 5_000, 0)
    require_proof()


def test_an_upgrade_in_mid_cycle(add_plan, open_on, spend, alice):
    add_plan("big", 20_000, 40_000)
    account, middle = open_on("team"), START + timedelta(days=10)
    grant_credits("team", 40, Source.TOP_UP, None, None, START)
    spend("team", 1_000, START)
    change_plan(access_to(alice.id, "team")[1], "big", middle)
    assert pool(account, middle).available == 4_000 + 20_000 + 40
    assert periods_of(account) == [("business", 5_000, 0, 0), ("big", 20_000, 4_000, 0)]
    assert close(month(1)).settled == 1  # Alice's own pool; the team counts from the upgrade
    renewal = pool(account, month(1)).period.end
    assert (renewal.month, renewal.day) == (2, 25)
    close(renewal)
    # 24,000 are carried over; with 20,000 new ones that is 4,000 over the cap, the oldest first.
    assert pool(account, renewal).available == 40_000 + 40
    assert periods_of(account)[-1] == ("big", 20_000, 20_000, 4_000)
    require_proof()


def test_a_downgrade_in_mid_cycle(add_plan, open_on, alice):
    add_plan("small", 500, 1_000)
    account, middle = open_on("team"), START + timedelta(days=10)
    grant_credits("team", 40, Source.TOP_UP, None, None, START)
    change_plan(access_to(alice.id, "team")[1], "small", middle)
    assert pool(account, month(1) - SECOND).available == 5_040
    close(month(1))
    assert pool(account, month(1)).available == 1_040
    assert periods_of(account)[-1] == ("small", 500, 500, 4_500)
    require_proof()


def test_cancel_and_resume_in_mid_cycle_change_nothing(open_on, alice):
    account, other = open_on("team"), open_on("other")
    access = access_to(alice.id, "team")[1]
    cancel_plan(access, START + timedelta(days=3))
    resume_plan(access, month(1) - SECOND)
    close(month(1))
    assert periods_of(account) == periods_of(other)
    assert pool(account, month(1)).available == pool(other, month(1)).available == 10_000


def test_a_cancelled_plan_gives_nothing_more_and_what_was_bought_stays(open_on, alice):
    account = open_on("team")
    grant_credits("team", 40, Source.TOP_UP, None, None, START)
    cancel_plan(access_to(alice.id, "team")[1], START)
    close(month(1))
    assert pool(account, month(1)).available == 5_040
    close(month(2))
    assert pool(account, month(2)).available == 40
    assert close(month(6)).settled == 1
    assert len(periods_of(account)) == 1
    require_proof()
