"""Access ends at once: after the answer to a removal no deduction of that member is committed."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from app.domain.refusals import NotFound, Unauthenticated
from app.services.credits import post
from app.services.credits.caller import caller_of
from app.services.credits.read import TransactionFilter, transactions
from app.services.credits.spend import Spending, deduct
from app.services.tokens.make_token import make_service_token
from app.services.tokens.revoke_token import revoke_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import leave, remove
from app.store.database import db, write_connection
from app.store.pools import POOLS
from tests.conftest import START

PATIENCE = 30
BY_BOB = Spending("acme", "bob@acme.test", None, "deploy")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def account(acme):
    return SimpleNamespace(id=acme.account.id, slug="acme")


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


@pytest.fixture
def threads(app):
    """Run deeds in threads with the application's context."""

    class InContext(ThreadPoolExecutor):
        def run(self, deed):
            def work():
                with app.app_context():
                    return deed()

            return self.submit(work)

    with InContext(10) as made:
        yield made


@pytest.fixture
def paused(monkeypatch):
    """Let the first commit to a pool pause when it has decided, just before it writes."""
    decided, go, save = threading.Event(), threading.Event(), post.save

    def slow(*arguments):
        if not decided.is_set():
            decided.set()
            assert go.wait(PATIENCE)
        save(*arguments)

    monkeypatch.setattr(post, "save", slow)
    yield SimpleNamespace(decided=decided, go=go)
    go.set()


def removed(acme):
    remove(access_to(acme.alice.id, "acme")[1], "bob@acme.test", START)


def left(acme):
    leave(access_to(acme.bob.id, "acme")[1], START)


def deleted(acme):
    delete_workspace(access_to(acme.alice.id, "acme")[1], "Acme", START)


@pytest.mark.parametrize("ending", [removed, left, deleted])
def test_the_answer_waits_for_what_was_decided_before(
    acme, account, platform, threads, paused, ending
):
    spent = threads.run(lambda: deduct(platform, BY_BOB, "k1", START))
    assert paused.decided.wait(PATIENCE)
    ended = threads.run(lambda: ending(acme))
    assert wait([ended], timeout=0.3).done == set()
    paused.go.set()
    assert spent.result(PATIENCE).value.seq == 2
    ended.result(PATIENCE)
    with pytest.raises(NotFound):
        deduct(platform, BY_BOB, "k2", START)


def test_nobody_spends_after_the_answer_however_many_are_at_it(acme, account, platform, threads):
    begun, over = threading.Semaphore(0), threading.Event()

    def spend(thread):
        count = 0
        while not over.is_set():
            try:
                deduct(platform, BY_BOB, f"{thread}.{count}", START)
            except NotFound:
                return count
            count += 1
            begun.release()
        return count

    spending = [threads.run(lambda thread=thread: spend(thread)) for thread in range(8)]
    for _ in range(40):
        assert begun.acquire(timeout=PATIENCE)
    threads.run(lambda: removed(acme)).result(PATIENCE)
    answered = last_seq(account)
    done = sum(one.result(PATIENCE) for one in spending)
    over.set()
    assert last_seq(account) == answered == done + 1
    assert done >= 40


def last_seq(account):
    return transactions(account, TransactionFilter(), 1, None, START)[0].seq


class TestPostgreSQL:
    """Where others may commit while a statement waits for its lock."""

    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    def test_what_was_revoked_while_a_deduction_waited_for_the_pool_counts(self, account, threads):
        token, bearer = make_service_token("other", START)
        token_id = token.id
        platform = caller_of(bearer, START)
        deduct(platform, BY_BOB, "k1", START)
        with write_connection(db.engine) as holder:
            mine = POOLS.c.id == account.id
            holder.execute(POOLS.select().where(mine).with_for_update())
            spent = threads.run(lambda: deduct(platform, BY_BOB, "k2", START))
            wait_until_somebody_waits(holder)
            revoke_service_token(token_id, START)
        with pytest.raises(Unauthenticated):
            spent.result(PATIENCE)
        assert last_seq(account) == 2


def wait_until_somebody_waits(connection):
    while not connection.scalar(WAITING):
        connection.execute(text("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()"))
