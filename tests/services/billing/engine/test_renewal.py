"""Subscriptions: bought, renewed, tried again, past due, read-only, restored, through the clock."""

from datetime import timedelta

import pytest

from app.domain.plan_change import GRACE
from app.domain.refusals import Conflict, WorkspaceSuspended
from app.services.billing.auto_top_up import auto_top_up_of, set_auto_top_up
from app.services.billing.change_plan import cancel_plan
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.look_after import (
    ask_about_due,
    give_up,
    let_fall_overdue,
    payment,
)
from app.services.billing.manage import manage_page, pay_by
from app.services.billing.purchase import buy_business
from app.services.billing.read import PlanState, plan_of
from app.services.credits.caller import caller_of
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct
from app.services.plugins.configure import switch
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.open import open_workspace, start_workspace
from app.services.workspaces.ownership import accept_ownership, offer_ownership
from app.store.accounts import personal_account
from app.store.database import db
from app.store.payers import payer_reference
from app.store.subscriptions import free_business_subscription
from tests.conftest import START
from tests.services.billing.engine.conftest import BACK
from tests.services.cast import mails_to

PENDING = "stay pending until the payer pays or gives up"
MONTH = timedelta(days=31)


@pytest.fixture
def team(cast, till):
    """Charlie's workspace, bought as a newcomer does: paid, and opened after that."""
    charlie = cast.ids["charlie"]
    till.own = personal_account(charlie)
    view = buy_business(charlie, "business", "bank", BACK, START)
    assert view.state == "processed"
    return open_workspace(charlie, "Charlie & Co", "charlies", START)


@pytest.fixture
def owner(cast, team):
    return access_to(cast.ids["charlie"], "charlies")[1]


def renewed(account, till, later, fate="process"):
    """Let the next period open, and ask for its money."""
    end = plan_of(account, till.clock.now()).period.end
    till.clock.set(end + timedelta(seconds=20))
    close_due_periods(till.clock.now())
    till.fate(fate)
    return charge_due_periods(till.clock.now())


def last_attempt(till, account):
    return till.attempts(account_id=account.id)[-1]


def spend(slug, now):
    platform = caller_of(make_service_token("platform", now)[1], now)
    return deduct(
        platform, Spending(slug, "charlie@acme.test", None, "deploy", 1), f"at {now}", now
    )


def test_a_newcomer_pays_and_opens_the_workspace(cast, till, team):
    found = till.subscription(team)
    assert (found.plan, found.provider, found.paid_through) == ("business", "bank", 1)
    assert pool(team, START).available == 5_000
    assert free_business_subscription(cast.ids["charlie"]) is None
    assert payer_reference(team.id, "bank") == f"payer-{till.own.slug}"
    assert charge_due_periods(START) == 0
    assert [row.account_id for row in till.attempts()] == [till.own.id]
    till.require_sound()


def test_what_a_newcomer_paid_begins_with_the_workspace(cast, till, later):
    charlie = cast.ids["charlie"]
    buy_business(charlie, "business", "bank", BACK, START)
    now = later(days=50)
    team = open_workspace(charlie, "Charlie & Co", "charlies", now)
    assert plan_of(team, now).period.start == now
    assert charge_due_periods(now) == 0
    till.require_sound()


def test_a_newcomer_who_has_not_paid_yet_has_to_wait(cast, till):
    till.fate(PENDING)
    view = buy_business(cast.ids["charlie"], "business", "bank", BACK, START)
    assert view.state == "pending"
    assert free_business_subscription(cast.ids["charlie"]) is None
    till.bank.end(view.key, "processed")
    own = access_to(cast.ids["charlie"], personal_account(cast.ids["charlie"]).slug)[1]
    assert payment(own, view.key, START).state == "processed"
    assert free_business_subscription(cast.ids["charlie"]) is not None


def test_each_period_is_charged_once(till, team, later):
    for number in (2, 3, 4):
        assert renewed(team, till, later) == 1
        assert till.subscription(team).paid_through == number
        assert charge_due_periods(till.clock.now()) == 0
    assert [row.period for row in till.attempts(account_id=team.id)] == [2, 3, 4]
    assert set(till.charges().values()) == {9900}
    assert pool(team, till.clock.now()).available == 10_000
    till.require_sound()


def test_missed_periods_are_charged_one_by_one(till, team, later):
    now = later(days=100)
    close_due_periods(now)
    assert charge_due_periods(now) == 3
    assert till.subscription(team).paid_through == 4
    assert charge_due_periods(now) == 0
    till.require_sound()


def test_three_retries_then_past_due_then_read_only_and_paying_restores(
    cast, till, team, owner, later
):
    till.fate("decline", always=True)
    renewed(team, till, later, "decline")
    first = till.clock.now()
    for day in (1, 3, 5):
        assert plan_of(team, till.clock.now()).state == PlanState.RENEWS
        till.clock.set(first + timedelta(days=day) - timedelta(seconds=1))
        assert charge_due_periods(till.clock.now()) == 0
        till.clock.set(first + timedelta(days=day))
        assert charge_due_periods(till.clock.now()) == 1
    now = till.clock.now()
    tries = till.attempts(account_id=team.id)
    assert [row.state for row in tries] == ["declined"] * 4
    assert len({row.key for row in tries}) == 4
    view = plan_of(team, now)
    assert (view.state, view.suspends_at) == (PlanState.PAST_DUE, now + GRACE)
    mails = [mail.template for mail in mails_to("charlie@acme.test") if "payment" in mail.template]
    assert mails == ["payment_failed"] * 3 + ["payment_past_due"]
    assert charge_due_periods(later(days=6)) == 0
    assert spend("charlies", till.clock.now()).value.credits == 1
    over = later(days=1)
    with pytest.raises(WorkspaceSuspended):
        spend("charlies", over)
    till.fate("process", always=True)
    view = till.plan(owner, "business")
    assert (view.state, view.purpose) == ("processed", "period")
    assert plan_of(team, over).state == PlanState.RENEWS
    assert spend("charlies", over).value.credits == 1
    assert till.subscription(team).paid_through == 2
    assert till.history(team)[-2:] == ["asked", "processed"]
    till.require_sound()


def test_a_retry_that_goes_through_ends_the_trouble(till, team, later):
    renewed(team, till, later, "decline")
    assert charge_due_periods(later(days=1)) == 1
    assert till.subscription(team).paid_through == 2
    assert charge_due_periods(later(days=7)) == 0
    assert plan_of(team, till.clock.now()).state == PlanState.RENEWS
    assert sorted(till.charges().values()) == [0, 9900, 9900]


def test_the_owner_may_pay_between_the_retries(till, team, owner, later):
    renewed(team, till, later, "decline")
    later(hours=1)
    assert till.plan(owner, "business").state == "processed"
    assert till.subscription(team).paid_through == 2
    assert charge_due_periods(later(days=7)) == 0
    till.require_sound()


def test_what_is_unknown_is_asked_about_and_never_paid_again(till, team, later):
    renewed(team, till, later, "be taken, but the answer gets lost on its way back")
    assert last_attempt(till, team).state == "unknown"
    for _ in range(3):
        assert charge_due_periods(later(seconds=15)) == 0
    assert ask_about_due(later(minutes=5)) == 1
    assert last_attempt(till, team).state == "processed"
    assert till.subscription(team).paid_through == 2
    assert set(till.charges().values()) == {9900}
    till.require_sound()


def test_what_never_arrived_is_tried_again_and_is_no_failure_of_the_payer(till, team, later):
    till.away()
    renewed(team, till, later)
    till.away(False)
    assert ask_about_due(later(minutes=6)) == 1
    assert last_attempt(till, team).state == "unknown"  # it may still be on its way
    assert ask_about_due(later(minutes=12)) == 1
    assert last_attempt(till, team).state == "cancelled"
    assert charge_due_periods(later(hours=1)) == 1
    assert last_attempt(till, team).state == "processed"
    assert not any("payment_failed" in m.template for m in mails_to("charlie@acme.test"))
    till.require_sound()


def test_who_pays_by_invoice_is_told_how_and_has_two_weeks(till, team, owner, later):
    renewed(team, till, later, PENDING)
    (mail,) = mails_to("charlie@acme.test", "payment_wanted")
    key = last_attempt(till, team).key
    assert "99.00 EUR" in mail.context["values"]["money"]
    assert let_fall_overdue(later(days=13)) == 0
    assert let_fall_overdue(later(days=1)) == 1
    assert let_fall_overdue(later(hours=1)) == 0
    assert plan_of(team, till.clock.now()).state == PlanState.PAST_DUE
    assert len(mails_to("charlie@acme.test", "payment_past_due")) == 1
    later(days=20)
    till.bank.end(key, "processed")
    assert payment(owner, key, till.clock.now()).state == "processed"
    assert plan_of(team, till.clock.now()).state == PlanState.RENEWS
    till.require_sound()


def test_a_provider_that_is_away_is_asked_when_it_is_back(till, team, later):
    switch("bank", on=False)
    assert renewed(team, till, later) == 0
    switch("bank", on=True)
    assert charge_due_periods(later(days=3)) == 1
    assert till.subscription(team).paid_through == 2


def test_a_cancelled_plan_is_paid_for_the_period_that_runs_and_no_more(till, team, owner, later):
    end = plan_of(team, START).period.end
    till.clock.set(end)
    close_due_periods(end)
    cancel_plan(owner, end)
    till.fate("decline", always=True)
    assert charge_due_periods(end) == 1
    for day in (1, 3, 5, 7, 9, 30, 60):
        till.clock.set(end + timedelta(days=day))
        charge_due_periods(till.clock.now())
    assert len(till.attempts(account_id=team.id)) == 4
    till.require_sound()


def test_paying_twice_for_one_period_is_not_possible(till, team, owner, later):
    renewed(team, till, later, PENDING)
    pending = last_attempt(till, team).key
    assert till.plan(owner, "business").state == "processed"
    assert till.attempt(pending).state == "cancelled"
    assert mails_to("charlie@acme.test", "payment_failed") == []
    till.bank.end(pending, "processed")
    assert till.bank.taken(pending) == 0
    till.require_sound()


def test_who_restores_a_lapsed_plan_does_not_pay_for_the_time_in_between(till, team, owner, later):
    """The invoice that was not paid is withdrawn when its owner pays by another way."""
    renewed(team, till, later, PENDING)
    unpaid = last_attempt(till, team).key
    let_fall_overdue(later(days=14))
    later(days=60)
    view = till.plan(owner, "business")
    assert (view.state, till.attempt(unpaid).state) == ("processed", "cancelled")
    assert plan_of(team, till.clock.now()).period.start == till.clock.now()
    assert charge_due_periods(later(days=5)) == 0
    assert sorted(till.charges().values()) == [0, 9900, 9900]
    till.require_sound()


def test_who_gives_a_payment_up_is_left_in_peace_for_a_while(till, team, owner, later):
    renewed(team, till, later, PENDING)
    till.fate(PENDING)
    view = till.plan(owner, "business")
    give_up(owner, view.key, till.clock.now())
    assert charge_due_periods(later(minutes=30)) == 0
    assert charge_due_periods(later(minutes=31)) == 1
    assert last_attempt(till, team).state == "processed"
    till.require_sound()


def test_while_nobody_knows_what_became_of_a_payment_no_other_begins(till, team, owner, later):
    till.away()
    renewed(team, till, later)
    with pytest.raises(Conflict, match="on its way"):
        till.plan(owner, "business")
    assert len(till.attempts(account_id=team.id)) == 1


def test_a_lapsed_workspace_is_bought_anew(till, team, owner, later):
    cancel_plan(owner, START)
    later(days=60)
    assert plan_of(team, till.clock.now()).state == PlanState.SUSPENDED
    view = till.plan(owner, "business")
    assert (view.state, view.purpose) == ("processed", "plan")
    assert plan_of(team, till.clock.now()).state == PlanState.RENEWS
    assert pool(team, till.clock.now()).available == 5_000
    assert charge_due_periods(till.clock.now()) == 0
    till.require_sound()


def test_an_heir_does_not_pay_with_what_the_former_owner_had_saved(cast, till, team, owner, later):
    from app.domain.role import Role
    from app.services.workspaces.join import add_member

    add_member("charlies", cast.email("ben"), Role.ADMIN, START)
    offer_ownership(owner, cast.email("ben"), START)
    set_auto_top_up(owner, 10, "pack-500", "bank", 2_500, START)
    accept_ownership(access_to(cast.ids["ben"], "charlies")[1], START)
    assert not auto_top_up_of(access_to(cast.ids["ben"], "charlies")[1], START).is_on
    assert payer_reference(team.id, "bank") is None
    renewed(team, till, later)
    assert last_attempt(till, team).state == "declined"
    assert till.bank.taken(last_attempt(till, team).key) == 0


def test_where_the_means_of_payment_is_changed_and_by_whom_it_is_asked(till, owner, alice):
    assert manage_page(owner, "bank", BACK, START) == "https://bank.test/payers/charlies"
    pay_by(owner, "bank", START)
    with pytest.raises(Conflict, match="pays for no plan"):
        pay_by(alice, "bank", START)
    with pytest.raises(Conflict, match="not there now"):
        pay_by(owner, "cash", START)


def test_upgrade_in_mid_cycle_is_asked_for_first(till, bob, own, later):
    later(days=3)
    till.fate("decline")
    assert till.plan(bob, "pro").state == "declined"
    assert plan_of(own, till.clock.now()).plan == "free"
    assert till.plan(bob, "pro").state == "processed"
    assert plan_of(own, till.clock.now()).period.start == till.clock.now()
    with pytest.raises(Conflict, match="costs nothing"):
        till.plan(bob, "free")
    till.require_sound()


def test_a_silent_provider_is_left_alone_until_the_next_round(cast, till, later):
    """It takes twenty seconds each time when it hangs, and others wait meanwhile."""
    for number in range(5):
        account = start_workspace(
            cast.email("ben"), f"team-{number}", "Team", "business", START, START
        )
        till.subscription(account).provider = "bank"
        db.session.commit()
    till.away()
    assert charge_due_periods(START) == 3
    assert charge_due_periods(later(seconds=15)) == 2
    assert ask_about_due(later(minutes=2)) == 3
    assert set(till.states()) == {"unknown"}
