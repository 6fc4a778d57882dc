"""Plugins that observe: each hook through the real verbs, on both databases."""

import threading
from datetime import timedelta

import pytest

from app.domain.grant import Source
from app.domain.refusals import NotFound
from app.domain.role import Role
from app.hookspecs import CreditsDeducted
from app.jobs.timetable import timetable
from app.services.billing.change_plan import cancel_plan, change_plan
from app.services.billing.follow import follow_plans
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.grant import grant_credits
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.directory import directory
from app.services.plugins import deliver as delivering
from app.services.plugins.backlog import backlogs, failing_events, parked_events, retry_parked
from app.services.plugins.configure import switch
from app.services.plugins.installed import installed
from app.services.workspaces.access import access_to
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.services.workspaces.rename import rename
from app.store import bulk, round_trip
from app.store.accounts import personal_account
from app.store.database import current_engine
from app.store.outbox import MESSAGES
from app.store.pools import POOLS
from tests.conftest import START
from tests.plugins.observer import HOOKS, observers, on, tell
from tests.services.racing import at_once

SOON = START + timedelta(minutes=1)


@pytest.fixture
def platform(acme, service_token):
    return caller_of(service_token, START)


@pytest.fixture
def diary(acme):
    """The diary of a plugin that observes everything and is on."""
    found = observers(diary=HOOKS)["diary"]
    on("diary")
    return found


def spend(platform, credits=1, key="k", now=SOON, **changes):
    wanted = {"account": "acme", "member": "bob@acme.test", "app": None, "action": "deploy"}
    return deduct(platform, Spending(**{**wanted, **changes}, quantity=credits), key, now).value


def access(person):
    return access_to(person.id, "acme")[1]


def count(table):
    with current_engine().connect() as connection:
        return len(connection.execute(table.select()).all())


def event_counts():
    with current_engine().connect() as connection:
        return set(connection.scalars(POOLS.select().with_only_columns(POOLS.c.event_count)))


def test_a_deduction_is_told_in_the_contracts_own_words(acme, platform, diary):
    line = spend(platform, 3)
    assert tell(SOON) == 1
    assert diary.told == [
        (
            "credits_deducted",
            CreditsDeducted(
                id=f"event_{acme.account.id}_1",
                at=SOON,
                account="acme",
                transaction=line.id,
                member="bob@acme.test",
                app=None,
                action="deploy",
                credits=3,
                balance_after=4_997,
            ),
        )
    ]
    assert tell(SOON) == 0
    assert count(MESSAGES) == 0


def test_a_captured_hold_is_told_as_a_deduction(platform, diary):
    spending = Spending("acme", "bob@acme.test", None, "deploy", 9)
    hold = place_hold(platform, spending, "h", None, SOON).value
    line = capture(platform, hold.id, 4, SOON).value
    tell(SOON)
    (event,) = diary.events("credits_deducted")
    assert (event.transaction, event.credits) == (line.id, 4)


def test_a_batch_is_told_in_its_order(platform, diary):
    wanted = [(Spending("acme", "bob@acme.test", None, "deploy"), f"k{n}") for n in range(120)]
    lines = [one.value for one in deduct_many(platform, wanted, SOON)]
    assert tell(SOON) == 120
    told = [event.transaction for event in diary.events("credits_deducted")]
    assert told == [line.id for line in lines]


def test_shortages_are_told_once_a_period_and_again_in_the_next(platform, diary):
    spend(platform, 4_600, "a")
    spend(platform, 100, "b")
    spend(platform, 300, "c")
    tell(SOON)
    assert [hook for hook, _ in diary.told] == [
        *("credits_deducted", "credits_low", "credits_deducted", "credits_deducted"),
        "credits_exhausted",
    ]
    assert diary.events("credits_low")[0].available == 400
    renewed = START.replace(month=2)
    spend(platform, 5_000, "d", renewed)
    tell(renewed)
    assert len(diary.events("credits_low")) == len(diary.events("credits_exhausted")) == 2


def test_a_hold_that_timed_out_is_told(platform, diary):
    spending = Spending("acme", "bob@acme.test", None, "deploy", 9)
    hold = place_hold(platform, spending, "h", 60, SOON).value
    close_due_periods(SOON + timedelta(hours=1))
    tell(SOON + timedelta(hours=1))
    (event,) = diary.events("hold_expired")
    assert (event.hold, event.credits, event.member) == (hold.id, 9, "bob@acme.test")
    assert event.at == SOON + timedelta(seconds=60)


def test_a_top_up_is_told_and_a_gift_is_not(platform, diary):
    grant_credits("acme", 7, Source.ADJUSTMENT, None, "gift", SOON)
    bought = grant_credits("acme", 50, Source.TOP_UP, None, None, SOON)
    tell(SOON)
    (event,) = diary.events("top_up_completed")
    assert (event.transaction, event.credits, event.balance_after) == (bought.id, 50, 5_057)


def test_who_comes_and_goes_is_told(acme, diary):
    add_member("acme", acme.charlie.email, Role.MEMBER, SOON)
    remove(access(acme.carol), acme.charlie.email, SOON)
    leave(access(acme.bob), SOON)
    tell(SOON)
    (joined,) = diary.events("member_joined")
    assert (joined.email, joined.role, joined.account) == (acme.charlie.email, "member", "acme")
    gone = [(event.email, event.removed_by) for event in diary.events("member_left")]
    assert gone == [(acme.charlie.email, acme.carol.email), (acme.bob.email, None)]


def test_a_workspace_that_begins_is_told_with_its_owner(acme, diary):
    start_workspace(acme.bob.email, "bobs", "Bobs", "business", None, SOON)
    tell(SOON)
    (began,) = diary.events("subscription_changed")
    (owner,) = diary.events("member_joined")
    assert (began.account, began.plan, began.state) == ("bobs", "business", "active")
    assert (owner.account, owner.email, owner.role) == ("bobs", acme.bob.email, "owner")


def test_what_becomes_of_a_subscription_is_told_once(acme, diary):
    own = personal_account(acme.bob.id)
    bobs = access_to(acme.bob.id, own.slug)[1]
    change_plan(bobs, "pro", SOON)
    cancel_plan(bobs, SOON)
    ended = START.replace(month=3)
    close_due_periods(ended)
    assert follow_plans(ended) == 0
    tell(ended)
    states = [(event.plan, event.state) for event in diary.events("subscription_changed")]
    assert states == [("pro", "active"), ("pro", "cancelled")]


def test_each_period_that_closes_is_told_at_its_boundary(acme, diary):
    close_due_periods(START.replace(month=4))
    tell(START.replace(month=4))
    closed = [event for event in diary.events("cycle_closed") if event.account == "acme"]
    assert [event.at for event in closed] == [START.replace(month=m) for m in (2, 3)] + [
        START.replace(month=4)
    ]
    assert [(event.allocated, event.expired) for event in closed] == [
        (5_000, 0),
        (5_000, 5_000),
        (5_000, 5_000),
    ]
    assert closed[0].period_start == START


def test_events_of_one_account_are_in_order_with_ids_of_their_own(acme, platform, diary):
    spend(platform, 5, "a")
    add_member("acme", acme.charlie.email, Role.MEMBER, SOON)
    spend(platform, 5, "b")
    tell(SOON)
    assert [event.id for _, event in diary.told] == [
        f"event_{acme.account.id}_{number}" for number in (1, 2, 3)
    ]
    hooks = [hook for hook, _ in diary.told]
    assert hooks == ["credits_deducted", "member_joined", "credits_deducted"]


def test_names_are_those_of_the_moment_when_it_is_told(acme, platform, diary):
    spend(platform)
    rename(access(acme.alice), slug="acme-two")
    tell(SOON)
    assert [event.account for _, event in diary.told] == ["acme-two"]


def test_while_nobody_observes_nothing_is_written_but_what_people_are_told(acme, platform):
    observers(diary=HOOKS)
    spend(platform, 5_000)
    add_member("acme", acme.charlie.email, Role.MEMBER, SOON)
    close_due_periods(START.replace(month=3))
    with current_engine().connect() as connection:
        told = {(row.consumer, row.topic) for row in connection.execute(MESSAGES.select())}
    degrees = ("credits_scarce", "credits_low", "credits_exhausted")
    assert told == {("people", degree) for degree in degrees}


def test_who_observes_other_things_costs_nothing(platform):
    observers(quiet=["member_left"])
    on("quiet")
    spend(platform)
    assert (count(MESSAGES), event_counts()) == (0, {0})


def test_observers_cost_two_statements_however_much_happens(platform, monkeypatch):
    """They go in the same round trip as all others."""
    written = []

    def counted(connection, statement, rows):
        written.append(statement.split('"')[1])
        round_trip.write(connection, statement, rows)

    monkeypatch.setattr(bulk, "write", counted)
    observers(one=HOOKS, other=HOOKS)
    money = ["idempotency_keys", "transactions", "usage", "grants", "pools"]
    spend(platform, 1, "alone")
    assert written == money
    on("one", "other")
    spend(platform, 1, "names are looked up anew")
    written.clear()
    wanted = [(Spending("acme", "bob@acme.test", None, "deploy"), f"k{n}") for n in range(50)]
    deduct_many(platform, wanted, SOON)
    assert written == [*money, "outbox", "outbox_lanes"]


def test_each_observer_has_a_job_of_its_own(app, clock, platform):
    found = observers(one=["credits_deducted"], none=[])
    on("one")
    jobs = {job.name: job for job in timetable(app.extensions["coffer"])}
    assert [name for name in jobs if name.startswith("tell plugin")] == ["tell plugin one"]
    spend(platform, 1, "a", clock.now())
    jobs["tell plugin one"].run()
    assert len(found["one"].told) == 1
    jobs["bound what waits"].run()


def test_one_that_is_switched_on_later_is_told_of_later_things_only(platform):
    found = observers(early=["credits_deducted"], late=["credits_deducted"])
    on("early")
    spend(platform, 1, "a")
    on("late")
    second = spend(platform, 2, "b")
    switch("early", on=False)
    third = spend(platform, 3, "c")
    switch("early", on=True)
    tell(SOON)
    by_late = [event.transaction for event in found["late"].events("credits_deducted")]
    assert by_late == [second.id, third.id]
    assert [event.credits for event in found["early"].events("credits_deducted")] == [1, 2]


def test_a_switch_in_another_process_counts_at_once(acme, platform, diary):
    """This process still has the view from before; the money path finds that out under the lock."""
    switch("diary", on=False)
    stale = directory().fresh(SOON)
    switch("diary", on=True)
    assert directory().view(SOON) is stale
    spend(platform)
    assert tell(SOON) == 1


def test_of_a_workspace_without_it_a_plugin_is_told_nothing(acme, platform, diary):
    from app.services.plugins.configure import switch_for

    spend(platform, 1, "before")
    switch_for("diary", "acme", on=False)
    spend(platform, 1, "after")
    assert count(MESSAGES) == 1
    tell(SOON)
    assert diary.told == []
    switch_for("diary", "acme", on=True)
    spend(platform, 2, "again")
    tell(SOON)
    assert [event.credits for _, event in diary.told] == [2]


def test_two_plugins_are_told_the_same_with_the_same_id(platform):
    found = observers(one=HOOKS, other=HOOKS)
    on("one", "other")
    spend(platform, 4_700)
    tell(SOON)
    assert len(found["one"].told) == 2
    assert found["one"].told == found["other"].told


def fail(*_):
    raise RuntimeError("the journal's disk is full")


def test_a_plugin_that_fails_is_told_again_and_others_do_not_wait(acme, platform):
    found = observers(broken=["credits_deducted"], whole=["credits_deducted"])
    on("broken", "whole")
    found["broken"].before = fail
    lines = [spend(platform, 1, key).id for key in "ab"]
    tell(SOON)
    assert [event.transaction for _, event in found["whole"].told] == lines
    (failing,) = failing_events("broken", SOON)
    assert (failing.hook, failing.account, failing.attempts) == ("credits_deducted", "acme", 1)
    assert failing.error == "RuntimeError: the journal's disk is full"
    found["broken"].before = lambda *_: None
    tell(SOON + timedelta(seconds=5))
    assert [event.transaction for _, event in found["broken"].told] == lines


def test_one_event_that_a_plugin_cannot_take_is_parked_and_shown(acme, platform, diary):
    """It neither stops later events for ever nor brings the plugin into quarantine."""
    bad = spend(platform, 1, "bad")
    diary.before = lambda _, event: fail() if event.transaction == bad.id else None
    for hour in range(20):
        tell(SOON + timedelta(hours=2 * hour))
    good = spend(platform, 1, "good", SOON + timedelta(days=3))
    tell(SOON + timedelta(days=3))
    assert [event.transaction for _, event in diary.told] == [good.id]
    assert installed().plugins["diary"].state == "on"
    (parked,) = parked_events("diary", SOON)
    assert (parked.attempts, parked.error) == (16, "RuntimeError: the journal's disk is full")
    found = backlogs()["diary"]
    assert (found.waiting, found.failing, found.parked, found.given_up) == (0, 0, 1, 0)
    diary.before = lambda *_: None
    with pytest.raises(NotFound):
        retry_parked("diary", SOON, "tx_1_1")
    assert retry_parked("diary", SOON, parked.id) == 1
    tell(SOON + timedelta(days=3))
    assert diary.told[-1][1].id == parked.id
    assert backlogs() == {}


def test_failing_at_several_events_leads_into_quarantine_which_keeps_them(acme, diary):
    """Three first failures in a row; when the operator lets it out it gets what it was owed."""
    from app.services.plugins.configure import release

    diary.before = fail
    for month in (2, 3):
        close_due_periods(START.replace(month=month))
    now = START.replace(month=3)
    tell(now)
    assert installed().plugins["diary"].state == "quarantined"
    waiting = backlogs()["diary"].waiting
    close_due_periods(START.replace(month=4))
    now = START.replace(month=4)
    assert tell(now) == 0
    assert backlogs()["diary"].waiting > waiting
    diary.before = lambda *_: None
    release("diary")
    tell(now)
    assert backlogs() == {}
    by_account = {}
    for _, event in diary.told:
        by_account.setdefault(event.account, []).append(event.at)
    assert len(by_account) == 5
    assert all(instants == sorted(instants) for instants in by_account.values())


def test_a_plugin_that_hangs_is_left_behind(acme, platform, monkeypatch):
    monkeypatch.setattr(delivering, "OBSERVER_SECONDS", 0.2)
    found = observers(hangs=["credits_deducted"], works=["credits_deducted"])
    on("hangs", "works")
    released = threading.Event()
    found["hangs"].before = lambda *_: released.wait(30)
    spend(platform)
    tell(SOON)
    released.set()
    assert len(found["works"].told) == 1
    assert failing_events("hangs", SOON)[0].error == "it took longer than 0.2 s"


def test_what_a_plugin_does_to_an_event_is_its_own_affair(platform):
    found = observers(one=["credits_deducted"], other=["credits_deducted"])
    on("one", "other")
    found["one"].before = lambda _, event: object.__setattr__(event, "credits", 0)
    spend(platform, 3)
    tell(SOON)
    assert [event.credits for _, event in found["other"].told] == [3]


def test_many_deduct_while_many_tell(app, acme, platform, diary):
    """Forty threads: each deduction is told once, in the order of the history."""
    done = threading.Event()

    def spend_some(name):
        return [spend(platform, 1, f"{name}.{n}").seq for n in range(5)]

    def tell_some():
        while not done.is_set() or backlogs():
            tell(SOON)

    def spend_all():
        lines = at_once(app, *[lambda name=name: spend_some(name) for name in range(40)])
        done.set()
        return lines

    lines, *told = at_once(app, spend_all, *[tell_some] * 6)
    assert told == [None] * 6
    expected = sorted(seq for some in lines for seq in some)
    pool = acme.account.id
    assert [event.transaction for event in diary.events("credits_deducted")] == [
        f"tx_{pool}_{seq}" for seq in expected
    ]
