"""Forty threads on one pool: no overdraft, nothing lost, nothing doubled, everyone answered."""

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app.domain.grant import Source
from app.domain.refusals import (
    Conflict,
    HoldNotActive,
    IdempotencyConflict,
    InsufficientCredits,
)
from app.services.credits.answers import Answer
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture, refund, release
from app.services.credits.grant import grant_credits
from app.services.credits.read import TransactionFilter, pool, transactions, usage
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.services.credits.verify import verify_ledger
from app.store.database import db
from app.store.pools import PERIODS
from tests.conftest import START
from tests.services.racing import at_once

THREADS = 40


@pytest.fixture
def account(acme):
    """Acme as a plain value, which threads can share."""
    return SimpleNamespace(id=acme.account.id, slug=acme.account.slug)


@pytest.fixture
def platform(service_token):
    return caller_of(service_token, START)


def asked(quantity=1, account="acme", **changes):
    return Spending(
        **{
            "account": account,
            "member": "bob@acme.test",
            "app": None,
            "action": "deploy",
            "quantity": quantity,
            **changes,
        }
    )


def lines_of(account, now=START, kind=None):
    return transactions(account, TransactionFilter(kind=kind), 100_000, None, now)[::-1]


def require_sound(account, now=START):
    """The lines have no gaps, each stands on the one before, and the proof holds."""
    lines = lines_of(account, now)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    balance = 0
    for line in lines:
        balance += line.credits
        assert line.balance_after == balance >= 0
    assert [found.difference for found in verify_ledger(account.slug)] == [None]
    return lines


def test_the_pool_is_never_overdrawn_and_each_gets_its_own_answer(app, account, platform):
    deduct(platform, asked(4_850), "most", START)

    def spend(thread):
        def deed():
            results = []
            for turn in range(5):
                mine = asked(metadata={"thread": thread, "turn": turn})
                try:
                    done = deduct(platform, mine, f"{thread}.{turn}", START)
                except InsufficientCredits as refusal:
                    results.append(refusal)
                else:
                    assert done.value.metadata == mine.metadata
                    assert not done.replayed
                    results.append(done.value)
            return results

        return deed

    answers = at_once(app, *[spend(thread) for thread in range(THREADS)])
    results = [result for answer in answers for result in answer]
    done = [result for result in results if not isinstance(result, InsufficientCredits)]
    assert (len(results), len(done)) == (200, 150)
    assert sorted(one.balance_after for one in done) == list(range(150))
    lines = require_sound(account)
    by_seq = {line.seq: line for line in lines}
    assert all(by_seq[one.seq].metadata == one.metadata for one in done)
    assert len({one.seq for one in done}) == 150
    assert pool(account, START).available == 0
    assert usage(account, "member", None, None).total == 5_000


def test_keys_repeated_by_several_threads_at_once_charge_once(app, account, platform):
    def spend(key):
        return lambda: [deduct(platform, asked(3), key, START) for _ in range(2)]

    keys = [f"key {thread % 8}" for thread in range(THREADS)]
    results = at_once(app, *[spend(key) for key in keys])
    answers = {}
    for key, pair in zip(keys, results, strict=True):
        answers.setdefault(key, []).extend(pair)
    for key, found in answers.items():
        assert Counter(one.replayed for one in found) == {False: 1, True: 9}, key
        assert all(one.value == found[0].value for one in found)
    assert pool(account, START).available == 5_000 - 8 * 3
    assert len(lines_of(account, kind="deduction")) == 8
    require_sound(account)


def test_one_key_with_different_bodies_at_once_serves_one_of_them(app, account, platform):
    results = at_once(
        app,
        *[lambda n=n: deduct(platform, asked(1 + n), "same", START) for n in range(THREADS)],
    )
    done = [result for result in results if isinstance(result, Answer)]
    refused = [result for result in results if isinstance(result, IdempotencyConflict)]
    assert (len(done), len(refused)) == (1, THREADS - 1)
    assert pool(account, START).available == 5_000 - done[0].value.credits
    require_sound(account)


def test_batches_that_share_keys_charge_each_key_once(app, account, platform):
    batch = [(asked(), f"key {n}") for n in range(50)]

    def spend(thread):
        mine = batch[thread:] + batch[:thread] + [(asked(9_999), f"too much {thread}")]
        return lambda: deduct_many(platform, mine, START)

    results = at_once(app, *[spend(thread) for thread in range(THREADS)])
    assert all(isinstance(found[-1], InsufficientCredits) for found in results)
    charged = [one for found in results for one in found[:-1] if not one.replayed]
    assert len(charged) == 50
    assert pool(account, START).available == 4_950
    require_sound(account)


def test_a_hold_ends_once_whoever_comes_at_the_same_time(app, account, platform):
    placed = place_hold(platform, asked(10), "h", None, START).value
    deeds = [
        lambda: capture(platform, placed.id, 4, START),
        lambda: release(platform, placed.id, START),
    ]
    results = at_once(app, *deeds * (THREADS // 2))
    won = [result for result in results if isinstance(result, Answer)]
    lost = [result for result in results if isinstance(result, HoldNotActive)]
    assert (len(won), len(lost)) == (1, THREADS - 1)
    captured = getattr(won[0].value, "captured", 4)
    view = pool(account, START)
    assert (view.available, view.held) == (5_000 - captured, 0)
    require_sound(account)


def test_all_refunds_together_never_exceed_the_deduction(app, account, platform):
    paid = deduct(platform, asked(25), "d", START).value
    results = at_once(
        app,
        *[lambda: refund(platform, paid.id, 1, "mistake", None, START) for _ in range(THREADS)],
    )
    assert sum(isinstance(result, Answer) for result in results) == 25
    assert sum(isinstance(result, Conflict) for result in results) == 15
    assert pool(account, START).available == 5_000
    require_sound(account)


def test_different_pools_at_once_dont_mix(app, account, platform):
    people = ["alice", "bob", "carol"]
    slugs = ["acme", *people]

    def spend(thread):
        slug = slugs[thread % 4]
        member = f"{slug if slug in people else 'bob'}@acme.test"
        mine = asked(account=slug, member=member, metadata={"thread": thread})
        return lambda: [deduct(platform, mine, f"{thread}.{n}", START) for n in range(2)]

    for name in people:
        grant_credits(name, 100, Source.TOP_UP, None, None, START)
    results = at_once(app, *[spend(thread) for thread in range(THREADS)])
    for thread, pair in enumerate(results):
        for done in pair:
            assert done.value.account == slugs[thread % 4]
            assert done.value.metadata == {"thread": thread}
    assert pool(account, START).available == 4_980
    assert [found.difference for found in verify_ledger()] == [None] * 5


def test_periods_are_closed_once_whoever_closes_them(app, account, platform):
    later = START + timedelta(days=100)
    deeds = [
        lambda: close_due_periods(later),
        lambda: deduct(platform, asked(), "one", later),
        lambda: pool(account, later).available,
        lambda: close_due_periods(later - timedelta(days=40)),
    ]
    results = at_once(app, *deeds * 4)
    assert not [result for result in results if isinstance(result, Exception)]
    lines = require_sound(account, later)
    assert Counter(line.kind for line in lines) == {"allocation": 4, "expiry": 2, "deduction": 1}
    with db.engine.connect() as connection:
        mine = PERIODS.select().where(PERIODS.c.pool == account.id)
        assert [row.number for row in connection.execute(mine)] == [1, 2, 3, 4]
    assert pool(account, later).available == 9_999
