"""Killed under load: what was answered is kept, what was not can be asked again, safely."""

import uuid
from collections import Counter

import pytest

from tests.crash.site import CREATED, Crowd, Site, kill, retry, served_twice, wait_until_ready

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROUNDS = 3
ANSWERED = 200
PLENTY = 1_000_000


def require_nothing_lost_or_doubled(site, asks, again):
    """Each key is in the ledger once: those that were answered, and those asked again."""
    by_key = site.require_kept([*asks, *again])
    assert by_key.keys() == {ask.key for ask in asks}
    statuses = Counter(ask.status for ask in asks if not ask.is_unknown)
    assert statuses.keys() == {CREATED}


def test_a_server_killed_under_load_loses_nothing(site):
    site.top_up(PLENTY)
    asks, again = [], []
    for turn in range(ROUNDS):
        with site.served() as (process, port), Crowd(site, [port], f"turn {turn}") as crowd:
            crowd.wait_for(ANSWERED)
            kill(process)
            asked = crowd.wait()
        asks += asked
        site.require_kept([*asks, *again])
        unknown = [ask for ask in asked if ask.is_unknown]
        assert unknown
        with site.served() as (_, port):
            again += retry(site, port, unknown)
        require_nothing_lost_or_doubled(site, asks, again)


class TestPostgreSQL:
    """What only a database of its own, or several servers, can suffer."""

    @pytest.fixture
    def durable_site(self, durable_postgres, tmp_path):
        name = f"crash_{uuid.uuid4().hex}"
        site = Site(durable_postgres.create_database(name), tmp_path).install().set_up()
        site.top_up(PLENTY)
        return site

    def test_a_database_killed_under_load_loses_nothing(self, durable_site, durable_postgres):
        site, asks, again = durable_site, [], []
        with site.served() as (_, port):
            for turn in range(ROUNDS):
                with Crowd(site, [port], f"turn {turn}") as crowd:
                    crowd.wait_for(ANSWERED)
                    durable_postgres.crash()
                    asked = crowd.wait()
                durable_postgres.start()
                asks += asked
                unknown = [ask for ask in asked if ask.is_unknown]
                assert unknown
                wait_until_ready(port)
                again += retry(site, port, unknown)
                require_nothing_lost_or_doubled(site, asks, again)

    @pytest.fixture
    def site(self, postgresql_url, tmp_path):
        site = Site(postgresql_url, tmp_path).set_up()
        site.top_up(PLENTY)
        return site

    def test_one_of_two_servers_killed_under_load_loses_nothing(self, site):
        with served_twice(site) as ((doomed, one), (_, other)):
            with (
                Crowd(site, [one], "doomed", callers=20) as crowd,
                Crowd(site, [other], "lives", callers=20) as survivors,
            ):
                crowd.wait_for(ANSWERED)
                kill(doomed)
                asks = crowd.wait()
                survivors.wait_for(ANSWERED)
                lived = survivors.stop()
            unknown = [ask for ask in asks if ask.is_unknown]
            assert unknown
            assert not any(ask.is_unknown for ask in lived)
            again = retry(site, other, unknown)
        require_nothing_lost_or_doubled(site, [*asks, *lived], again)
