"""The timeline: the past as the ledger has it, the future as the rules will make it."""

from datetime import timedelta
from itertools import pairwise

import pytest

from app.domain.grant import Source
from app.domain.role import Role
from app.services.billing.change_plan import cancel_plan, change_plan
from app.services.billing.payments import declined
from app.services.credits.caller import caller_of
from app.services.credits.finish import refund
from app.services.credits.grant import grant_credits
from app.services.credits.read import pool, usage
from app.services.credits.spend import Spending, deduct, place_hold
from app.services.cycle.timeline import coming, past_periods
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from tests.conftest import START

SECOND = timedelta(seconds=1)


def month(number):
    return START.replace(year=START.year + number // 12, month=number % 12 + 1)


@pytest.fixture
def platform(app):
    return caller_of(make_service_token("platform", START)[1], START)


@pytest.fixture
def spend(platform, alice):
    keys = iter(range(10_000))

    def take(slug, credits, now):
        asked = Spending(slug, alice.email, None, "deploy", credits)
        return deduct(platform, asked, f"key {next(keys)}", now).value

    return take


def facts(view):
    return (
        view.granted,
        view.carried,
        view.trimmed,
        view.bought,
        view.adjusted,
        view.used,
        view.expired,
    )


def test_each_period_tells_where_its_credits_went(open_on, spend, platform):
    account = open_on("team")
    mistake = spend("team", 700, START + SECOND)
    refund(platform, mistake.id, 200, "mistake", None, START + 2 * SECOND)
    grant_credits("team", 90, Source.TOP_UP, None, None, START + timedelta(days=2))
    grant_credits("team", 7, Source.ADJUSTMENT, month(1) - SECOND, None, START)
    spend("team", 1_000, month(1) + SECOND)
    now = month(3) + timedelta(days=1)
    views = past_periods(account, 24, now)
    assert [facts(view) for view in views] == [
        (5_000, 5_000, 0, 0, 0, 0, 0),
        (5_000, 5_000, 0, 0, 0, 0, 5_000),
        (5_000, 4_500, 0, 0, 0, 1_000, 3_500),
        (5_000, 0, 0, 90, 7, 500, 7),
    ]
    assert [view.number for view in views] == [4, 3, 2, 1]
    assert [view.is_open for view in views] == [True, False, False, False]
    assert sum(view.used for view in views) == usage(account, "member", None, None).total
    assert views[0].starts_at == month(3)
    assert views[1].ends_at == month(3)
    require_continuity(views)


def require_continuity(views):
    """What a period ends with is what the next begins with."""
    for later, earlier in pairwise(views):
        assert earlier.ends_at == later.starts_at


def test_pages_of_the_past_fit_together(open_on, spend):
    account = open_on("team")
    for number in range(5):
        spend("team", 100 + number, month(number))
    now = month(4) + SECOND
    whole = past_periods(account, 24, now)
    first = past_periods(account, 2, now)
    second = past_periods(account, 2, now, before=first[-1].number)
    assert first + second == whole[:4]
    assert past_periods(account, 2, now, before=1) == []


def test_an_upgrade_ends_the_period_before_it(add_plan, open_on, alice, spend):
    add_plan("big", 20_000, 21_000)
    account, at = open_on("team"), START + timedelta(days=5)
    spend("team", 1_000, START)
    change_plan(access_to(alice.id, "team")[1], "big", at)
    later, earlier = past_periods(account, 24, at)
    assert facts(later) == (20_000, 1_000, 3_000, 0, 0, 0, 0)
    assert facts(earlier) == (5_000, 0, 0, 0, 0, 1_000, 0)
    assert (earlier.ends_at, later.plan_name, later.is_open) == (at, "Big", True)


def test_an_upgrade_in_the_very_instant_of_the_opening(add_plan, open_on, alice):
    add_plan("big", 20_000, 40_000)
    account = open_on("team")
    change_plan(access_to(alice.id, "team")[1], "big", START)
    later, earlier = past_periods(account, 24, START)
    assert (later.granted, later.carried, earlier.granted) == (20_000, 5_000, 5_000)
    assert (later.used, earlier.used) == (0, 0)


def test_what_comes_is_what_then_happens(open_on, spend):
    account = open_on("team")
    spend("team", 1_500, START)
    grant_credits("team", 60, Source.TOP_UP, START + timedelta(days=40), None, START)
    now = START + timedelta(days=1)
    foreseen = coming(account, now)
    assert [step.at for step in foreseen] == [month(1), START + timedelta(days=40), month(2)]
    renewal, end_of_top_up, second = foreseen
    assert (renewal.granted, renewal.carried, renewal.plan_name) == (5_000, 3_500, "Business")
    assert end_of_top_up.expired == {Source.TOP_UP: 60}
    assert (second.expired, second.trimmed) == ({Source.ALLOCATION: 3_500}, 0)
    before = pool(account, now)
    for step in foreseen:
        assert pool(account, step.at).available == step.available
    assert (before.available, foreseen[-1].available) == (3_560, 10_000)


def test_looking_ahead_changes_nothing(open_on):
    account = open_on("team")
    before = pool(account, START)
    coming(account, START)
    assert pool(account, START) == before


def test_holds_that_will_time_out_are_foreseen(open_on, platform, alice):
    account = open_on("team")
    place_hold(platform, Spending("team", alice.email, None, "deploy", 40), "h", 600, START)
    (first, *_) = coming(account, START)
    assert (first.at, first.released, first.available) == (START + timedelta(minutes=10), 40, 5_000)


def test_the_end_of_a_cancelled_plan_is_foreseen(open_on, alice):
    account = open_on("team")
    cancel_plan(access_to(alice.id, "team")[1], START)
    (suspension,) = [step for step in coming(account, START) if step.suspends]
    assert suspension.at == month(1) + timedelta(days=7)
    assert all(step.granted == 0 for step in coming(account, START))


def test_a_person_who_does_not_pay_falls_back(bob):
    own = personal_account(bob.id)
    access = access_to(bob.id, own.slug)[1]
    assert access.role is Role.OWNER
    change_plan(access, "pro", START)
    declined(own.id, 2, START)
    steps = coming(own, START)
    grace = next(step for step in steps if step.suspends)
    back = next(step for step in steps if step.plan_name == "Free")
    assert (grace.at, back.at) == (START + timedelta(days=7), month(1))
    assert (back.granted, back.available) == (5, 305)


def test_the_free_plan_renews_every_midnight(bob):
    own = personal_account(bob.id)
    steps = coming(own, START)
    assert len(steps) == 60
    assert {(step.granted, step.available) for step in steps} == {(5, 5)}
    assert [step.expired.get(Source.ALLOCATION) for step in steps[:2]] == [5, 5]
    assert {step.at.time().isoformat() for step in steps} == {"00:00:00"}
