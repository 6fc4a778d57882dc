"""Limits on both databases: never exceeded, whoever spends at the same time and on whatever way."""

from collections import Counter

import pytest

from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, LimitReached, NotFound
from app.services.apps.edit import create_app
from app.services.credits import guards
from app.services.credits.answers import Answer
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, refund, release
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.credits.verify import verify_ledger
from app.services.limits.listing import limits_about_me, limits_in
from app.services.limits.set_limit import WantedLimit, change_limit, remove_limit, set_limit
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from tests.conftest import START
from tests.services.racing import at_once

BLOCK, ALERT = LimitEffect.BLOCK, LimitEffect.ALERT
DAY, CYCLE = LimitPer.DAY, LimitPer.CYCLE


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


@pytest.fixture
def owner(acme):
    return access_to(acme.alice.id, "acme")[1]


def limit(access, who, credits, *, effect=BLOCK, per=DAY, **about):
    return set_limit(access, WantedLimit(LimitWho(who), effect, credits, per, **about), START)


def asked(quantity=1, member="bob@acme.test", app=None):
    return Spending("acme", member, app, "deploy", quantity)


def spend(platform, quantity, now=START, key=None, **about):
    """Spend; give the credits taken, or what was left of the limit as (left,)."""
    try:
        key = key or f"key {next(KEYS)}"
        return deduct(platform, asked(quantity, **about), key, now).value.credits
    except LimitReached as refusal:
        return (refusal.facts["left"],)


KEYS = iter(range(10**9))


def forget():
    """Let this process know of nothing that it counted, like another one."""
    guards._memories.clear()


class TestWhatCounts:
    def test_day_by_day_for_each_member(self, platform, owner, later):
        limit(owner, "each_member", 10)
        assert [spend(platform, 6), spend(platform, 5), spend(platform, 4)] == [6, (4,), 4]
        assert spend(platform, 10, member="carol@acme.test") == 10
        forget()
        assert spend(platform, 1) == (0,)
        tomorrow = later(days=1)
        assert [spend(platform, 10, tomorrow), spend(platform, 1, tomorrow)] == [10, (0,)]

    def test_a_cycle_that_begins_in_the_middle_of_a_day(self, platform, owner, later):
        assert spend(platform, 8) == 8  # counts though the limit came later
        limit(owner, "account", 20, per=CYCLE)
        second = later(days=3)
        assert [spend(platform, 13, second), spend(platform, 7, second)] == [(12,), 7]
        renewed = later(days=29)
        assert spend(platform, 20, renewed) == 20
        forget()
        assert spend(platform, 5, renewed) == (0,)

    def test_an_app_and_a_member(self, platform, owner):
        shop = f"app_{create_app(owner, 'Shop', '', START).id}"
        limit(owner, "app", 5, app=shop)
        limit(owner, "member", 7, member="bob@acme.test")
        by_itself = {"app": shop, "member": None}
        assert [spend(platform, 5, **by_itself), spend(platform, 1, app=shop)] == [5, (0,)]
        assert [spend(platform, 7), spend(platform, 1)] == [7, (0,)]
        assert spend(platform, 90, member="carol@acme.test") == 90

    def test_another_process_counts_what_this_one_spent(self, platform, owner):
        limit(owner, "account", 10)
        assert spend(platform, 3) == 3
        mine = dict(guards._memories)
        forget()
        assert spend(platform, 4) == 4
        guards._memories.clear()
        guards._memories.update(mine)
        assert [spend(platform, 4), spend(platform, 3)] == [(3,), 3]

    def test_holds_refunds_and_captures(self, platform, owner, later):
        limit(owner, "each_member", 10)
        held = place_hold(platform, asked(8), "hold", 900, START).value
        assert spend(platform, 3) == (2,)
        with pytest.raises(LimitReached):
            place_hold(platform, asked(3), "another", 900, START)
        taken = capture(platform, held.id, 5, START).value
        assert [spend(platform, 6), spend(platform, 5)] == [(5,), 5]
        refund(platform, taken.id, 4, "mistake", None, START)
        assert [spend(platform, 5), spend(platform, 4)] == [(4,), 4]
        assert [each.difference for each in verify_ledger("acme")] == [None]

    def test_a_hold_that_times_out_or_is_released_gives_its_room_back(self, platform, owner, later):
        limit(owner, "account", 10)
        place_hold(platform, asked(6), "one", 60, START)
        other = place_hold(platform, asked(4), "two", 3600, START).value
        assert spend(platform, 1) == (0,)
        now = later(minutes=2)
        assert [spend(platform, 7, now), spend(platform, 6, now)] == [(6,), 6]
        release(platform, other.id, now)
        assert spend(platform, 4, now) == 4

    def test_a_capture_after_the_limit_was_lowered(self, platform, owner):
        row = limit(owner, "account", 10)
        held = place_hold(platform, asked(10), "hold", 900, START).value
        change_limit(owner, row.id, START, credits=1)
        assert capture(platform, held.id, None, START).value.credits == 10
        assert spend(platform, 1) == (0,)


class TestBatches:
    def test_each_counts_for_the_next_and_disturbs_no_neighbour(self, platform, owner):
        limit(owner, "each_member", 5)
        wanted = [3, 3, 2, 1]
        batch = [(asked(n), f"batch {n} {i}") for i, n in enumerate(wanted)]
        batch.insert(2, (asked(4, member="carol@acme.test"), "carol"))
        answers = deduct_many(platform, batch, START)
        assert [isinstance(one, Answer) for one in answers] == [True, False, True, True, False]
        assert answers[1].facts["left"] == 2
        assert answers[1].facts["limit"]["member"] == "bob@acme.test"
        assert answers[1].facts["who_can_raise"] == ["alice@acme.test"]

    def test_a_repeat_at_the_limit_gets_its_first_answer(self, platform, owner):
        limit(owner, "account", 5)
        first = deduct(platform, asked(5), "same", START)
        again = deduct(platform, asked(5), "same", START)
        assert (again.replayed, again.value) == (True, first.value)
        assert spend(platform, 1) == (0,)


class TestAtOnce:
    def test_forty_threads_never_take_more_than_there_is_room_for(self, app, platform, owner):
        limit(owner, "each_member", 25)
        limit(owner, "account", 40)
        shop = f"app_{create_app(owner, 'Shop', '', START).id}"

        def one(index):
            member = ("bob", "carol")[index % 2] + "@acme.test"

            def deed():
                if index % 4:
                    return deduct(platform, asked(2, member), f"at once {index}", START)
                held = place_hold(platform, asked(2, member), f"at once {index}", 900, START).value
                return capture(platform, held.id, 1 + index % 8 // 4, START)

            return deed

        outcomes = at_once(app, *(one(index) for index in range(40)))
        kinds = Counter(type(each) for each in outcomes)
        assert kinds.keys() == {Answer, LimitReached}
        taken = [one.value for one in outcomes if isinstance(one, Answer)]
        by = Counter()
        for each in taken:
            by[each.member] += each.credits
        assert sum(by.values()) <= 40
        assert max(by.values()) <= 25
        for _ in range(2):
            assert spend(platform, 41) == (25 - by["bob@acme.test"],)
            assert spend(platform, 41, member=None, app=shop) == (40 - sum(by.values()),)
            forget()

    def test_a_limit_holds_from_the_moment_on_in_which_it_is_set(self, app, platform, owner):
        assert spend(platform, 1) == 1
        row = limit(owner, "account", 1)
        assert spend(platform, 1) == (0,)
        remove_limit(owner, row.id, START)
        assert spend(platform, 1) == 1


class TestWhoMay:
    def test_an_admin_sets_alerts_and_no_blocks(self, acme, owner):
        admin = access_to(acme.carol.id, "acme")[1]
        alert = limit(admin, "account", 50, effect=ALERT)
        with pytest.raises(Forbidden):
            limit(admin, "account", 50)
        with pytest.raises(Forbidden):
            change_limit(admin, alert.id, START, effect=BLOCK)
        block = limit(owner, "account", 60)
        for deed in (
            lambda: change_limit(admin, block.id, START, credits=90),
            lambda: change_limit(admin, block.id, START, effect=ALERT),
            lambda: remove_limit(admin, block.id, START),
        ):
            with pytest.raises(Forbidden):
                deed()
        change_limit(admin, alert.id, START, credits=55, per=CYCLE)
        remove_limit(admin, alert.id, START)
        assert [view.id for view in limits_in(owner, START)] == [block.id]

    def test_members_see_what_concerns_them(self, acme, owner, platform):
        bob = access_to(acme.bob.id, "acme")[1]
        limit(owner, "each_member", 10)
        limit(owner, "member", 9, member="carol@acme.test")
        limit(owner, "member", 8, member="bob@acme.test", per=CYCLE)
        spend(platform, 4)
        spend(platform, 6, member="carol@acme.test")
        seen = limits_about_me(bob, START)
        assert [(one.who, one.used, one.may_change) for one in seen] == [
            ("each_member", 4, False),
            ("member", 4, False),
        ]
        with pytest.raises(Forbidden):
            limits_in(bob, START)
        whole = limits_in(owner, START)
        assert [(one.used, [use.credits for use in one.uses]) for one in whole] == [
            (6, [6, 4]),
            (6, [6]),
            (4, [4]),
        ]

    def test_what_can_not_be_set(self, acme, owner, alice):
        limit(owner, "account", 50)
        with pytest.raises(Conflict):
            limit(owner, "account", 60)
        for wrong in (
            {"who": "member", "credits": 5},
            {"who": "member", "credits": 5, "member": "charlie@outside.test"},
            {"who": "app", "credits": 5, "app": "app_99"},
            {"who": "app", "credits": 5, "app": "nonsense"},
            {"who": "account", "credits": 0, "per": CYCLE},
            {"who": "account", "credits": 10**13, "per": CYCLE},
        ):
            with pytest.raises((InvalidRequest, NotFound)):
                limit(owner, **wrong)
        own = access_to(alice.id, personal_account(alice.id).slug)[1]
        with pytest.raises(InvalidRequest):
            limit(own, "each_member", 5)
        with pytest.raises(NotFound):
            remove_limit(own, limits_in(owner, START)[0].id, START)
