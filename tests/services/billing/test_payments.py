"""Payments: what is asked for, and what is told about it, in any order and any number of times."""

from datetime import timedelta

import pytest

from app.domain.plan_change import GRACE
from app.domain.refusals import Conflict
from app.services.billing.change_plan import cancel_plan, change_plan, resume_plan
from app.services.billing.follow import follow_plans
from app.services.billing.payments import (
    bought,
    declined,
    paid,
    period_to_pay,
)
from app.services.billing.read import PlanState, plan_of
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.credits.verify import verify_ledger
from app.services.workspaces.delete import delete_workspace
from app.store.accounts import personal_account
from app.store.database import db, read_connection
from app.store.due_payments import periods_to_charge
from app.store.subscriptions import Subscription
from tests.conftest import START


@pytest.fixture
def acme(cast):
    """Acme, paid through a provider; its first period is not paid yet."""
    found = the_subscription(cast.acme)
    found.provider = "cards"
    db.session.commit()
    return cast.acme


def the_subscription(account):
    db.session.rollback()
    statement = db.select(Subscription).where(Subscription.account_id == account.id)
    return db.session.scalars(statement).one()


def end_of(account, now=START):
    return plan_of(account, now).period.end


def payments_due(now=START):
    with read_connection() as connection:
        return [row.number for row in periods_to_charge(connection, now, 100)]


def require_proof():
    assert [found.difference for found in verify_ledger() if found.difference] == []


def test_each_opened_period_is_to_be_paid(acme):
    assert payments_due() == [1]
    paid(acme.id, 1, START)
    assert payments_due() == []
    close_due_periods(START + timedelta(days=70))
    assert payments_due() == [2, 3]


def test_what_the_operator_gave_away_costs_nothing(cast):
    assert payments_due() == []


def test_a_deleted_workspace_is_not_asked(cast, acme):
    delete_workspace(cast.access("alice"), acme.name, START)
    assert payments_due() == []


def test_paying_changes_nothing_of_what_stands(acme):
    before = plan_of(acme, START)
    for _ in range(2):
        paid(acme.id, 1, START)
    assert plan_of(acme, START) == before
    assert the_subscription(acme).paid_through == 1


def test_a_missing_payment_is_told_twice_and_counts_once(acme):
    declined(acme.id, 1, START)
    declined(acme.id, 1, START + timedelta(days=5))
    view = plan_of(acme, START)
    assert (view.state, view.suspends_at) == (PlanState.PAST_DUE, START + GRACE)
    assert plan_of(acme, START + GRACE).state == PlanState.SUSPENDED
    assert pool(acme, view.period.end).available == 5_000
    assert payments_due() == []


def test_a_late_no_after_a_yes_is_old_news(acme):
    paid(acme.id, 1, START)
    declined(acme.id, 1, START)
    assert plan_of(acme, START).state == PlanState.RENEWS


def test_paying_within_the_period_restores_it(acme):
    declined(acme.id, 1, START)
    now = START + timedelta(days=10)
    assert period_to_pay(acme.id, now) == 1
    paid(acme.id, 1, now)
    view = plan_of(acme, now)
    assert (view.state, view.suspends_at) == (PlanState.RENEWS, None)
    assert pool(acme, view.period.end).available == 10_000
    require_proof()


def test_paying_after_the_period_opens_one_once(acme):
    declined(acme.id, 1, START)
    now = START + timedelta(days=100)
    assert period_to_pay(acme.id, now) == 2
    for _ in range(3):
        paid(acme.id, 2, now)
    view = plan_of(acme, now)
    assert (view.state, view.period.start) == (PlanState.RENEWS, now)
    assert pool(acme, now).available == 5_000
    assert the_subscription(acme).paid_through == 2
    assert payments_due() == []
    require_proof()


def test_who_is_past_due_pays_before_anything_else(cast, acme):
    declined(acme.id, 1, START)
    alice = cast.access("alice")
    for verb in (cancel_plan, resume_plan):
        with pytest.raises(Conflict, match="payment is missing"):
            verb(alice, START)
    with pytest.raises(Conflict, match="payment is missing"):
        change_plan(alice, "business", START)


def test_a_payment_for_a_cancelled_period_does_not_renew_it(cast, acme):
    cancel_plan(cast.access("alice"), START)
    paid(acme.id, 1, START)
    assert plan_of(acme, START).state == PlanState.ENDS


def test_paying_again_after_a_cancelled_plan_has_ended_starts_it_anew(cast, acme):
    cancel_plan(cast.access("alice"), START)
    later = end_of(acme) + timedelta(days=30)
    paid(acme.id, period_to_pay(acme.id, later), later)
    assert plan_of(acme, later).state == PlanState.RENEWS
    assert pool(acme, later).available == 5_000


def test_a_person_falls_back_on_the_free_plan(cast):
    own = personal_account(cast.ids["bob"])
    from app.services.workspaces.access import access_to

    change_plan(access_to(cast.ids["bob"], own.slug)[1], "pro", START)
    end = end_of(own)
    declined(own.id, plan_number(own), START)
    assert plan_of(own, START).state == PlanState.PAST_DUE
    assert plan_of(own, START + GRACE).state == PlanState.SUSPENDED
    view = plan_of(own, end)
    assert (view.plan, view.suspends_at) == ("free", None)
    assert follow_plans(end) == 1
    assert the_subscription(own).state == "cancelled"
    assert plan_of(own, end).state == PlanState.RENEWS
    require_proof()


def plan_number(account):
    return period_to_pay(account.id, START)


def test_nobody_can_pay_for_what_is_free(cast):
    own = personal_account(cast.ids["bob"])
    for verb in (paid, declined):
        with pytest.raises(Conflict, match="no subscription"):
            verb(own.id, 1, START)


def test_what_was_bought_begins_at_once_and_is_paid(cast):
    own = personal_account(cast.ids["bob"])
    applied = []

    def once():
        if applied:
            raise Conflict("This purchase took effect before.")
        applied.append(1)

    bought(own.id, cast.ids["bob"], "pro", "cards", START, first=once)
    with pytest.raises(Conflict):
        bought(own.id, cast.ids["bob"], "pro", "cards", START, first=once)
    found = the_subscription(own)
    assert (found.provider, found.plan, found.paid_through) == ("cards", "pro", 2)
    assert pool(own, START).available == 305
    assert payments_due() == []
    close_due_periods(end_of(own))
    assert payments_due() == [3]
    require_proof()
