"""Keys: a budget that holds whoever calls at once, and secrets that change without a gap."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.ai_terms import BudgetPer, Terms
from app.domain.refusals import (
    Conflict,
    InvalidRequest,
    LimitReached,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from app.services.ai.purse import (
    begin_call,
    end_call,
    look_for_room,
    prolong_call,
    spent_in_window,
)
from app.services.ai.terms import set_key_terms
from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.purge import purge
from app.services.tokens.make_token import make_app_key
from app.services.tokens.rotate_token import end_former_secret, rotate_app_key
from app.store.database import read_connection

LIFE = timedelta(minutes=4)


@pytest.fixture
def key(cast):
    """A key of an app of Acme, and its first secret."""
    app = create_app(cast.access("alice"), "Shop", "", cast.now)
    return make_app_key(cast.access("alice"), app.id, "web", cast.now)


def begin(cast, terms, credits, now, hold=1):
    return begin_call("key:1", terms, (cast.acme.id, hold), credits, now, now + LIFE)


def test_a_budget_counts_what_is_held_and_what_was_used(cast):
    now, day = cast.now, Terms(budget=10, per=BudgetPer.DAY)
    call = begin(cast, day, 6, now)
    with pytest.raises(LimitReached) as refused:
        begin(cast, day, 5, now)
    assert (refused.value.facts["left"], refused.value.facts["needed"]) == (4, 5)
    with pytest.raises(LimitReached):
        look_for_room("key:1", day, cast.acme.id, 5, now)
    end_call("key:1", call, 2)
    assert spent_in_window("key:1", day, cast.acme.id, now) == 2
    end_call("key:1", begin(cast, day, 8, now), 8)
    with pytest.raises(LimitReached):
        begin(cast, day, 1, now)
    begin(cast, day, 10, now + timedelta(days=1))


def test_a_call_counts_in_the_window_in_which_it_began(cast):
    now, day = cast.now, Terms(budget=10, per=BudgetPer.DAY)
    old = begin(cast, day, 10, now)
    prolong_call(old, now + timedelta(days=2))
    new = begin(cast, day, 10, now + timedelta(days=1))
    end_call("key:1", old, 10)
    end_call("key:1", new, 4)
    assert spent_in_window("key:1", day, cast.acme.id, now + timedelta(days=1)) == 4


def test_what_a_killed_process_left_open_gives_room_again(cast):
    now, total = cast.now, Terms(budget=10, per=BudgetPer.TOTAL)
    begin(cast, total, 10, now)
    begin(cast, total, 10, now + LIFE)


def test_calls_a_minute_and_at_once(cast):
    now = cast.now
    two = Terms(calls_per_minute=2)
    for _ in range(2):
        begin(cast, two, 1, now)
    with pytest.raises(RateLimited) as refused:
        begin(cast, two, 1, now + timedelta(seconds=20))
    assert refused.value.facts["retry_after"] == 40
    begin(cast, two, 1, now + timedelta(minutes=1))
    with pytest.raises(RateLimited):
        begin(cast, Terms(calls_at_once=3), 1, now + timedelta(minutes=2))


def test_a_budget_holds_when_many_call_at_once(cast, app):
    now, terms = cast.now, Terms(budget=10, per=BudgetPer.CYCLE)

    def call(number):
        with app.app_context():
            try:
                return begin(cast, terms, 1, now, number) > 0
            except LimitReached:
                return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(25))) == 10


def test_terms_are_for_whoever_may_revoke_the_key(cast, key):
    token, _ = key
    set_key_terms(cast.access("carol"), token.id, Terms(budget=5), cast.now)
    with pytest.raises(Exception, match="may not"):
        set_key_terms(cast.access("bob"), token.id, Terms(), cast.now)
    with pytest.raises(InvalidRequest):
        set_key_terms(cast.access("alice"), token.id, Terms(budget=0), cast.now)
    with pytest.raises(NotFound):
        set_key_terms(cast.access("alice"), 10**6, Terms(), cast.now)


def test_both_secrets_stand_for_the_stated_time_and_are_the_same_key(cast, key):
    token, first = key
    _, second = rotate_app_key(cast.access("alice"), token.id, 24, cast.now)
    soon = cast.now + timedelta(hours=23, minutes=59)
    assert caller_of(first, soon).token_id == caller_of(second, soon).token_id == token.id
    later = cast.now + timedelta(hours=24)
    assert caller_of(second, later).token_id == token.id
    with pytest.raises(Unauthenticated):
        caller_of(first, later)


def test_a_former_secret_can_be_ended_and_none_is_dropped_unasked(cast, key):
    token, first = key
    alice = cast.access("alice")
    rotate_app_key(alice, token.id, 24, cast.now)
    with pytest.raises(Conflict):
        rotate_app_key(alice, token.id, 24, cast.now)
    end_former_secret(alice, token.id, cast.now)
    with pytest.raises(Unauthenticated):
        caller_of(first, cast.now)
    _, third = rotate_app_key(alice, token.id, 0, cast.now)
    assert caller_of(third, cast.now).token_id == token.id


def test_of_two_that_rotate_at_once_one_does(cast, app, key):
    def rotate(_):
        with app.app_context():
            try:
                return rotate_app_key(cast.access("alice"), key[0].id, 24, cast.now)[1]
            except Conflict:
                return None

    with ThreadPoolExecutor(4) as pool:
        made = [text for text in pool.map(rotate, range(4)) if text]
    assert len(made) == 1
    assert caller_of(made[0], cast.now).token_id == caller_of(key[1], cast.now).token_id


def test_visitors_who_called_long_ago_are_forgotten_and_keys_are_not(cast):
    now, day = cast.now, Terms(budget=10, per=BudgetPer.DAY)
    for subject in ("site:1/ann", "site:1", "key:1"):
        begin_call(subject, day, (cast.acme.id, 1), 1, now, now + LIFE)
    begin_call("site:1/bob", day, (cast.acme.id, 2), 1, now + timedelta(days=2), now + 600 * LIFE)
    purge(90, 30, now + timedelta(days=2, minutes=5))
    with read_connection() as connection:
        for table in ("ai_purses", "ai_open_calls"):
            rows = connection.execute(text(f"SELECT subject FROM {table} ORDER BY subject")).all()
            assert [row.subject for row in rows] == ["key:1", "site:1", "site:1/bob"]
