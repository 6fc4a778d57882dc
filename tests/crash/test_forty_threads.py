"""Forty callers on one pool over HTTP: a real server, both databases, and two servers on one."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from app.domain.grant import Source
from app.services.credits.grant import grant_credits
from tests.crash.site import (
    ALICE,
    BOB,
    CREATED,
    NOT_FOUND,
    REFUSED,
    Api,
    Crowd,
    Site,
    served_twice,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CALLERS = 40


def leave_only(site, credits, port):
    """Take all but so many credits from the pool."""
    assert site.deduct(port, "most", 5_000 - credits).status == CREATED


def require_exact(site, asks, credits):
    """So many were paid, in an order without gaps; all others were refused and cost nothing."""
    counts = Counter(ask.status for ask in asks)
    assert counts == {CREATED: credits, REFUSED: len(asks) - credits}
    paid = [ask for ask in asks if ask.status == CREATED]
    assert sorted(ask.answer["balance_after"] for ask in paid) == list(range(credits))
    assert not any(ask.replayed for ask in paid)
    for ask in asks:
        if ask.status == REFUSED:
            assert ask.answer["code"] == "insufficient_credits"
            assert ask.answer["who_can_top_up"] == [ALICE]
    assert len(site.require_kept(asks)) == credits + 1
    assert site.available == 0


def test_no_overdraft_and_nothing_lost_or_doubled(site):
    with site.served() as (_, port):
        leave_only(site, 900, port)
        with Crowd(site, [port], "a", callers=CALLERS, asks=25) as crowd:
            require_exact(site, crowd.wait(), 900)


def test_a_key_that_all_send_at_once_is_charged_once(site):
    with site.served() as (_, port):
        asks = []
        for turn in range(10):
            crowd = Crowd(site, [port], f"turn {turn}", callers=CALLERS, asks=1)
            same_keys(crowd, turn)
            with crowd:
                asks += crowd.wait()
        assert Counter(ask.status for ask in asks) == {CREATED: 10 * CALLERS}
        assert sum(not ask.replayed for ask in asks) == 10 * 4
        assert len(site.require_kept(asks)) == 10 * 4


def same_keys(crowd, turn):
    """Let ten callers each send the same key."""

    def ask_once(number, port):
        key = f"turn {turn} key {number % 4}"
        crowd.asks[number].append(crowd.site.deduct(port, key))

    crowd.set_work(ask_once)


def remove_bob(site, port):
    with Api(port, site.alices_token) as api:
        status, _, _ = api.call("DELETE", f"/workspaces/acme/members/{BOB}")
    assert status in (200, 204)


def require_nothing_after(site, crowd, port):
    """After the answer to a removal nothing of that member is committed."""
    crowd.wait_for(300)
    remove_bob(site, port)
    after = site.lines()[-1].seq
    asks = crowd.wait()
    assert Counter(ask.status for ask in asks)[NOT_FOUND] == len(crowd.threads)
    site.require_kept(asks)
    assert max(line.seq for line in site.lines() if line.member == BOB) <= after


def test_a_removed_member_spends_nothing_after_the_answer(site):
    with site.served() as (_, port), Crowd(site, [port], "bob", callers=20) as crowd:
        require_nothing_after(site, crowd, port)


class TestTwoServersOnOneDatabase:
    """The same holds when callers of one pool meet on different servers."""

    @pytest.fixture
    def site(self, postgresql_url, tmp_path):
        return Site(postgresql_url, tmp_path).set_up()

    def test_no_overdraft_and_nothing_lost_or_doubled(self, site):
        with served_twice(site) as ((_, one), (_, other)):
            leave_only(site, 900, one)
            with Crowd(site, [one, other], "a", callers=CALLERS, asks=25) as crowd:
                require_exact(site, crowd.wait(), 900)

    def test_a_key_that_is_sent_to_both_is_charged_once(self, site):
        with served_twice(site) as ((_, one), (_, other)):
            crowds = [Crowd(site, [port], "same", callers=20, asks=20) for port in (one, other)]
            with crowds[0], crowds[1]:
                asks = crowds[0].wait() + crowds[1].wait()
            assert Counter(ask.status for ask in asks) == {CREATED: 800}
            assert Counter(ask.replayed for ask in asks) == {True: 400, False: 400}
            assert len(site.require_kept(asks)) == 400

    def test_a_removal_answered_by_one_ends_spending_on_the_other(self, site):
        with (
            served_twice(site) as ((_, one), (_, other)),
            Crowd(site, [one], "bob", callers=20) as crowd,
        ):
            require_nothing_after(site, crowd, other)

    def test_credits_that_enter_by_one_are_spent_by_the_other(self, site):
        with served_twice(site) as ((_, one), (_, other)):
            leave_only(site, 0, one)
            assert site.deduct(other, "poor").status == REFUSED
            with site.inside():
                grant_credits("acme", 1, Source.TOP_UP, None, None, datetime.now(UTC))
            assert site.deduct(other, "poor").status == CREATED
            assert site.deduct(one, "poorer").status == REFUSED
