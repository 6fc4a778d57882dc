"""Handing out: in order for each pool, at least once, whoever fails, dies or comes back late."""

import threading
from collections import defaultdict
from datetime import timedelta

import pytest

from app.domain.retelling import MOST_TELLINGS
from app.services.outbox import hand_out as module
from app.services.outbox.bound import KEPT, bound_outbox
from app.services.outbox.hand_out import LEASE, MESSAGES_AT_ONCE, hand_out
from app.store.accounts import personal_account
from app.store.database import current_engine, read_connection, write_connection
from app.store.outbox import due_lanes, take_lanes
from app.store.outbox_backlog import read_losses, read_standings, unpark
from tests.conftest import START
from tests.services.outbox.listener import NAME, Listener, lanes, messages, told, write
from tests.services.racing import at_once


@pytest.fixture
def pools(cast):
    """The pools of six people and of Acme."""
    return sorted([cast.acme.id, *(personal_account(one).id for one in cast.ids.values())])


def until_parked(listener, since=START):
    """Tell again and again, each time long enough after the last."""
    for turn in range(MOST_TELLINGS):
        told(listener, since, hours=2 * turn)


def numbers(heard, pool):
    return [number for one, number in heard if one == pool]


def test_each_pool_is_told_in_order_and_nothing_stays(pools):
    for pool in pools:
        write(pool, 3)
    write(pools[0], 2 * MESSAGES_AT_ONCE)
    heard = told(Listener())
    for pool in pools:
        count = 3 + 2 * MESSAGES_AT_ONCE * (pool == pools[0])
        assert numbers(heard, pool) == list(range(1, count + 1))
    assert (messages(), lanes()) == ([], [])


def test_a_failure_holds_up_its_own_pool_and_no_other(pools):
    one, other, *_ = pools
    write(one, 3)
    write(other, 1)
    listener = Listener(fails=[(one, 2)])
    assert told(listener) == [(one, 1), (other, 1)]
    write(one, 1)
    write(other, 1)
    assert told(listener, seconds=4) == [(other, 2)]
    listener.fails.clear()
    assert told(listener, seconds=5) == [(one, 2), (one, 3), (one, 4)]
    assert (messages(), lanes()) == ([], [])


def test_it_waits_longer_after_each_failure(pools):
    write(pools[0], 1)
    attempts = []
    listener = Listener(fails=[(pools[0], 1)], on_take=attempts.append)
    for second in range(80):
        told(listener, seconds=second)
    assert [message.attempts for message in attempts] == [0, 1, 2, 3, 4]
    assert attempts[-1].error == "It did not like it."


def test_what_fails_too_often_is_parked_and_the_next_go_on(pools):
    pool = pools[0]
    write(pool, 2)
    listener = Listener(fails=[(pool, 1)])
    until_parked(listener)
    assert messages() == [(1, MOST_TELLINGS, True)]
    assert (listener.heard, lanes()) == ([(pool, 2)], [])
    write(pool, 1)
    assert told(listener, days=2) == [(pool, 3)]


def test_what_was_parked_is_told_again_on_demand(pools):
    pool, now = pools[0], START + timedelta(days=5)
    write(pool, 2)
    listener = Listener(fails=[(pool, 1), (pool, 2)])
    until_parked(listener)
    until_parked(listener, START + timedelta(days=2))
    listener.fails.clear()
    with write_connection(current_engine()) as connection:
        assert unpark(connection, NAME, now, (pool, 2)) == 1
        assert unpark(connection, NAME, now, (pool, 7)) == 0
    assert told(listener, now) == [(pool, 2)]
    with write_connection(current_engine()) as connection:
        assert unpark(connection, NAME, now) == 1
    assert told(listener, now) == [(pool, 1)]
    assert (messages(), lanes()) == ([], [])


def test_what_is_demanded_again_while_its_pool_is_told_is_not_lost(pools):
    """The lane looked empty to whoever told it, and was not."""
    pool = pools[0]
    write(pool, 1)
    listener = Listener(fails=[(pool, 1)])
    until_parked(listener)
    listener.fails.clear()
    now = START + timedelta(days=2)

    def demand(_):
        with write_connection(current_engine()) as connection:
            unpark(connection, NAME, now)

    write(pool, 1)
    listener.on_take = demand
    assert told(listener, now) == [(pool, 2)]
    assert told(listener, now + LEASE) == [(pool, 1)]
    assert (messages(), lanes()) == ([], [])


def test_what_raises_has_failed(pools):
    write(pools[0], 1)

    def burn(_):
        raise ZeroDivisionError("no more")

    assert told(Listener(on_take=burn)) == []
    assert messages() == [(1, 1, False)]
    assert told(Listener(), seconds=5) == [(pools[0], 1)]


def test_who_does_not_listen_keeps_what_it_is_owed(pools):
    write(pools[0], 2)
    listener = Listener()
    listener.deaf = True
    assert told(listener) == []
    listener.deaf = False
    assert told(listener) == [(pools[0], 1), (pools[0], 2)]


def test_who_stops_listening_in_the_middle_hears_the_rest_later(pools):
    write(pools[0], 3)
    listener = Listener()
    listener.on_take = lambda _: setattr(listener, "deaf", True)
    assert told(listener) == [(pools[0], 1)]
    assert lanes() == [(pools[0], False)]
    listener.deaf, listener.on_take = False, lambda _: None
    assert told(listener) == [(pools[0], 2), (pools[0], 3)]


def test_what_is_written_while_its_pool_is_told_is_told_too(pools):
    pool, more = pools[0], iter(range(3))
    write(pool, 1)

    def write_more(_):
        if next(more, None) is not None:
            write(pool, 1)

    assert numbers(told(Listener(on_take=write_more)), pool) == [1, 2, 3, 4]
    assert (messages(), lanes()) == ([], [])


def take_all(now=START):
    """Take all lanes that are due, as somebody does who then dies."""
    with write_connection(current_engine()) as connection:
        pools = due_lanes(connection, NAME, now, 99)
        return take_lanes(connection, NAME, pools, now, now + LEASE)


def test_what_somebody_had_who_died_is_told_when_the_lease_is_over(pools):
    write(pools[0], 2)
    take_all()
    listener = Listener()
    assert told(listener, seconds=59) == []
    assert told(listener, seconds=60) == [(pools[0], 1), (pools[0], 2)]
    assert (messages(), lanes()) == ([], [])


def test_what_kills_whoever_tells_it_is_parked_after_many_lives(pools):
    """Each attempt is counted before it is made, one message at a time."""
    pool, now = pools[0], START
    write(pool, 2)
    lives = 0

    def die(message):
        if message.number == 1:
            raise SystemExit

    while messages()[0] != (1, MOST_TELLINGS, False):
        with pytest.raises(SystemExit):
            told(Listener(on_take=die), now)
        now, lives = now + LEASE, lives + 1
    assert lives == MOST_TELLINGS + 1
    assert told(Listener(on_take=die), now) == [(pool, 2)]
    assert messages() == [(1, MOST_TELLINGS + 1, True)]


def test_who_comes_back_late_takes_nothing_from_who_came_after(pools, monkeypatch):
    """A process that slept for longer than its lease still forgets what it told, and no more."""
    pool = pools[0]
    write(pool, 1)
    late = Listener(on_take=lambda _: told(Listener(), seconds=60))
    told(late)
    assert (messages(), lanes()) == ([], [])
    write(pool, 2)

    def overtaken(_):
        late.on_take = lambda _: None
        take_all(START + LEASE)

    late.on_take = overtaken
    told(late)
    assert (messages(), lanes()) == ([], [(pool, True)])
    assert told(Listener(), seconds=120) == []
    assert lanes() == []


def test_a_round_ends_in_time_and_gives_back_what_it_did_not_reach(pools):
    for pool in pools:
        write(pool, 2)
    clock = iter(START + timedelta(seconds=tick / 4) for tick in range(99))
    listener = Listener()
    told_count = hand_out(listener, lambda: next(clock))
    assert 0 < told_count < 2 * len(pools)
    assert {taken for _, taken in lanes()} == {False}
    told(listener, minutes=5)
    for pool in pools:
        assert numbers(listener.heard, pool) == [1, 2]


def test_many_at_once_keep_the_order_and_lose_and_repeat_nothing(app, pools):
    """Twelve threads tell while four write."""
    heard, busy, mutex = defaultdict(list), set(), threading.Lock()
    written = threading.Event()

    class Strict(Listener):
        """Nobody else is told of this pool at the same time."""

        def take(self, message, now):
            with mutex:
                assert message.pool not in busy
                busy.add(message.pool)
            heard[message.pool].append(message.number)
            with mutex:
                busy.remove(message.pool)

    def tell():
        while not written.is_set() or messages():
            hand_out(Strict(), lambda: START)

    def write_some():
        for _ in range(10):
            for pool in pools:
                write(pool, 2)

    def write_all():
        outcomes = at_once(app, *[write_some] * 4)
        written.set()
        assert outcomes == [None] * 4

    outcomes = at_once(app, write_all, *[tell] * 12)
    assert outcomes == [None] * 13
    assert heard == {pool: list(range(1, 81)) for pool in pools}
    assert (messages(), lanes()) == ([], [])


def test_what_waited_for_too_long_is_given_up_and_counted(pools, caplog):
    one, other, *_ = pools
    write(one, 2)
    write(other, 1, at=START + timedelta(days=1))
    assert bound_outbox(START + KEPT - timedelta(seconds=1)) == 0
    assert bound_outbox(START + KEPT) == 2
    assert "listener never got 2 events" in caplog.text
    assert told(Listener(), START + KEPT) == [(other, 1)]
    with read_connection() as connection:
        assert read_losses(connection) == {NAME: (2, START + KEPT)}
        assert read_standings(connection) == []


def test_no_more_than_so_many_wait_the_newest_are_kept(pools):
    for second in range(6):
        write(pools[0], 1, at=START + timedelta(seconds=second))
    write(pools[1], 2, consumer="another")
    assert bound_outbox(START, most=4) == 2
    assert [number for _, number in told(Listener(), hours=1)] == [3, 4, 5, 6]


def test_the_lease_outlasts_a_round_and_its_last_call():
    from app.services.plugins.deliver import OBSERVER_SECONDS

    assert timedelta(seconds=OBSERVER_SECONDS) + module.ROUND < module.LEASE / 2
