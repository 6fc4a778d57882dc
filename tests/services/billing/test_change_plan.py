"""Plans as people and operators change them: the pool and its subscription move together."""

from datetime import timedelta

import pytest

from app.domain.plan_change import GRACE
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound, WorkspaceSuspended
from app.services.billing.change_plan import cancel_plan, change_plan, resume_plan
from app.services.billing.follow import follow_plans
from app.services.billing.read import PlanState, plan_of
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.grant import grant_credits
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.credits.verify import verify_ledger
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from app.store.database import db
from app.store.subscriptions import Subscription, SubscriptionState
from tests.conftest import START
from tests.services.racing import at_once


@pytest.fixture
def platform(app):
    return caller_of(make_service_token("platform", START)[1], START)


@pytest.fixture
def own(cast):
    return personal_account(cast.ids["bob"])


@pytest.fixture
def bob(cast, own):
    return access_to(cast.ids["bob"], own.slug)[1]


def subscription_of(account):
    db.session.rollback()
    statement = db.select(Subscription).where(Subscription.account_id == account.id)
    return db.session.scalar(statement)


def require_proof():
    assert [found.difference for found in verify_ledger() if found.difference] == []


def spending(cast, credits=1):
    return Spending("acme", cast.email("bob"), None, "deploy", credits)


def test_an_upgrade_grants_at_once_and_brings_a_subscription(own, bob):
    now = START + timedelta(hours=2)
    change_plan(bob, "pro", now)
    assert pool(own, now).available == 305
    view = plan_of(own, now)
    assert (view.plan, view.state, view.period.start) == ("pro", PlanState.RENEWS, now)
    found = subscription_of(own)
    assert (found.plan, found.provider, found.state) == ("pro", "operator", "active")
    require_proof()


def test_an_upgrade_may_wait_and_a_downgrade_always_does(own, bob):
    midnight = START.replace(hour=0) + timedelta(days=1)
    change_plan(bob, "pro", START, at_period_end=True)
    assert plan_of(own, START).state == PlanState.CHANGES
    assert plan_of(own, midnight).plan == "pro"
    assert pool(own, midnight).available == 300
    change_plan(bob, "free", midnight)
    view = plan_of(own, midnight)
    assert (view.plan, view.next_plan) == ("pro", "free")
    end = view.period.end
    assert pool(own, end).available == 305
    assert plan_of(own, end).plan == "free"
    require_proof()


@pytest.mark.parametrize("plan", ["business", "gold"])
def test_a_plan_that_does_not_fit_a_person(bob, plan):
    with pytest.raises(InvalidRequest):
        change_plan(bob, plan, START)


def test_a_workspace_needs_a_plan_with_workspaces(cast):
    with pytest.raises(InvalidRequest):
        change_plan(cast.access("alice"), "pro", START)


def test_nothing_to_do_is_said(cast, bob):
    with pytest.raises(Conflict, match="already"):
        change_plan(bob, "free", START)
    with pytest.raises(Conflict, match="costs nothing"):
        cancel_plan(bob, START)
    with pytest.raises(Conflict, match="renews as it is"):
        resume_plan(cast.access("alice"), START)


@pytest.mark.parametrize("who", ["carol", "bob"])
@pytest.mark.parametrize("verb", [cancel_plan, resume_plan])
def test_only_the_owner_may(cast, who, verb):
    with pytest.raises(Forbidden):
        verb(cast.access(who), START)


def test_who_left_a_moment_ago_may_not(cast):
    stale = cast.access("alice")
    db.session.delete(cast_place(cast))
    db.session.commit()
    with pytest.raises(NotFound):
        cancel_plan(stale, START)


def cast_place(cast):
    from app.store.accounts import membership

    return membership(cast.acme.id, cast.ids["alice"])


def test_cancel_and_resume(cast):
    alice = cast.access("alice")
    cancel_plan(alice, START)
    view = plan_of(cast.acme, START)
    assert (view.state, view.suspends_at) == (PlanState.ENDS, view.period.end + GRACE)
    assert subscription_of(cast.acme).state == SubscriptionState.CANCELLED
    resume_plan(alice, START)
    assert plan_of(cast.acme, START).state == PlanState.RENEWS
    assert subscription_of(cast.acme).state == SubscriptionState.ACTIVE
    assert pool(cast.acme, view.period.end).available == 10_000


def test_a_lapsed_workspace_is_suspended_keeps_its_top_ups_and_completes_holds(cast, platform):
    grant_credits("acme", 70, source_of("top_up"), None, None, START)
    end = plan_of(cast.acme, START).period.end
    cancel_plan(cast.access("alice"), START)
    late = end + GRACE - timedelta(minutes=1)
    held = place_hold(platform, spending(cast, 7), "hold", 900, late).value
    over = end + GRACE
    with pytest.raises(WorkspaceSuspended):
        deduct(platform, spending(cast), "late", over)
    with pytest.raises(WorkspaceSuspended):
        place_hold(platform, spending(cast), "late hold", 60, over)
    assert capture(platform, held.id, None, over).value.credits == 7
    assert plan_of(cast.acme, over).state == PlanState.SUSPENDED
    much_later = over + timedelta(days=60)
    assert pool(cast.acme, much_later).available == 70
    change_plan(cast.access("alice"), "business", much_later)
    assert pool(cast.acme, much_later).available == 5_070
    assert deduct(platform, spending(cast), "again", much_later).value.credits == 1
    require_proof()


def source_of(name):
    from app.domain.grant import Source

    return Source(name)


def test_the_subscription_follows_the_pool(own, bob):
    change_plan(bob, "pro", START)
    end = plan_of(own, START).period.end
    change_plan(bob, "free", START)
    plan_of(own, end)
    assert follow_plans(end) == 0
    found = subscription_of(own)
    assert (found.plan, found.state) == ("pro", "cancelled")


def test_changes_of_one_account_take_turns(app, own, bob, cast):
    outcomes = at_once(app, *[lambda: change_plan(bob, "pro", START) for _ in range(8)])
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 7
    assert all(isinstance(outcome, Conflict) for outcome in refused), refused
    assert pool(own, START).available == 305
    require_proof()
