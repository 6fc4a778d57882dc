"""Sums of usage: whatever is summed up and when, every report says what the rollup says."""

from datetime import timedelta
from random import Random

import pytest

from app.domain.command import AddGrant, Deduct, RefundDeduction
from app.domain.grant import Source
from app.domain.transaction import Attribution
from app.services.credits import sum_usage as verb
from app.services.credits.ledger import commit
from app.services.credits.post import Entry
from app.services.credits.sum_usage import sum_usage, sum_usage_of
from app.store import usage_reading
from app.store.database import read_connection
from app.store.history import UsageBy
from app.store.history import sum_usage as from_rollup
from app.store.usage_reading import Wanted, rank, span, total, used_by_each
from app.store.usage_sums import read_mark
from tests.conftest import START

A_DAY = timedelta(days=1)
BY = [UsageBy.MEMBER, UsageBy.APP, UsageBy.ACTION]
FIRST = START.date()


@pytest.fixture
def pool(cast):
    """Acme's pool with plenty in it."""
    commit({cast.acme.id: [Entry(AddGrant(Source.TOP_UP, 10**6))]}, START)
    return cast.acme.id


def work(pool, chance, days, lines, since=0):
    """Let people use something on random days, in order, and take some of it back."""
    moments = sorted(chance.uniform(since, since + days) for _ in range(lines))
    for moment in moments:
        who = Attribution(
            chance.choice([1, 2, 3, None]),
            chance.choice([7, 8, None]),
            chance.choice(["deploy", "ai.video"]),
            1,
        )
        entries = [Entry(Deduct(chance.randint(1, 9), who))]
        outcome = commit({pool: entries}, START + moment * A_DAY)[pool][0]
        if chance.random() < 0.1:
            seq = outcome.value.seq
            commit({pool: [Entry(RefundDeduction(seq, None, ""))]}, START + moment * A_DAY)


def reports_agree(pool, chance):
    """Ranges drawn at random, read both ways."""
    for _ in range(12):
        since = FIRST + chance.randint(-3, 70) * A_DAY
        until = since + chance.randint(0, 60) * A_DAY
        for range_ in ((since, until), (None, until), (since, None), (None, None)):
            with read_connection(snapshot=True) as connection:
                where = span(connection, pool, *range_)
                for by in BY:
                    ranked = rank(connection, where, by, Wanted())
                    told = {row.key: (row.credits, row.deductions) for row in ranked}
                    rollup = from_rollup(connection, pool, by, *range_)
                    assert told == {row.key: (row.credits, row.deductions) for row in rollup}
                    keys = list(told)[:2]
                    each = used_by_each(connection, where, by, keys)
                    assert each == {key: told[key] for key in keys}
                days = from_rollup(connection, pool, UsageBy.DAY, *range_)
                by_day = usage_reading.daily(connection, pool, *range_)
                assert by_day == {row.key: (row.credits, row.deductions) for row in days}
                assert total(connection, where)[0] == sum(row.credits for row in days)


def test_reports_agree_whatever_is_summed_up(pool, monkeypatch):
    """Nothing yet, some of it, all of it, in chunks that end anywhere, many lines after it."""
    chance = Random(11)
    monkeypatch.setattr(verb, "CHUNK", 23)
    for part in range(4):
        work(pool, chance, days=18, lines=70, since=18 * part)
        reports_agree(pool, chance)
        if part != 1:
            assert sum_usage_of(pool) > 0
            reports_agree(pool, chance)
        monkeypatch.setattr(usage_reading, "FEW_LINES", 10 if part == 2 else 5_000)
    assert sum_usage_of(pool) == 0


def test_ranges_are_read_from_few_blocks(pool):
    """After the days are over, a month is at most nine blocks."""
    work(pool, Random(3), days=75, lines=120)
    sum_usage_of(pool)
    with read_connection() as connection:
        where = span(connection, pool, FIRST + A_DAY, FIRST + 30 * A_DAY)
    assert (where.lines, where.days) == (None, None)
    assert len(where.blocks) <= 9


def test_summing_twice_at_once_counts_once(pool, monkeypatch):
    """Whoever comes second finds the mark moved, and adds nothing."""
    work(pool, Random(5), days=9, lines=40)
    real = verb.usage_sums.add_lines
    answers = []

    def meanwhile(connection, pool_id, before, mark, rows):
        with read_connection() as other:
            others = verb.usage_sums.next_lines(other, pool_id, before, verb.CHUNK)[0]
        assert others == rows
        answers.append(real(connection, pool_id, before, mark, rows))
        answers.append(real(connection, pool_id, before, mark, rows))
        return answers[-1]

    monkeypatch.setattr(verb.usage_sums, "add_lines", meanwhile)
    sum_usage_of(pool)
    assert answers == [True, False]
    reports_agree(pool, Random(6))


def test_the_job_sums_up_what_is_worth_it(pool, monkeypatch):
    """Small pools are read as they are; a large one once enough is new."""
    work(pool, Random(8), days=3, lines=30)
    assert sum_usage() == 0
    monkeypatch.setattr(verb, "WORTH_IT", 20)
    assert sum_usage() >= 30
    assert sum_usage() == 0
    with read_connection() as connection:
        mark = read_mark(connection, pool)
    assert mark.first == FIRST
    work(pool, Random(9), days=1, lines=25, since=4)
    assert sum_usage() >= 25


def test_places_pages_and_a_sample(pool, monkeypatch):
    """The most first, ties by number, page by page; a sample of the whole; names are sought."""
    monkeypatch.setattr(usage_reading, "SAMPLE", 4)
    entries = [
        Entry(Deduct(n // 2 + 1, Attribution(100 + n, None, "deploy", 1))) for n in range(20)
    ]
    commit({pool: entries}, START + A_DAY)
    sum_usage_of(pool)
    with read_connection() as connection:
        where = span(connection, pool, None, None)
        first = rank(connection, where, UsageBy.MEMBER, Wanted(1, 3))
        second = rank(connection, where, UsageBy.MEMBER, Wanted(4, 3))
        sample = rank(connection, where, UsageBy.MEMBER, Wanted(1, 2, sample=True))
        named = rank(connection, where, UsageBy.ACTION, Wanted(text="EPLO"))
        none = rank(connection, where, UsageBy.MEMBER, Wanted(text="nobody"))
    assert [(r.key, r.credits, r.place, r.of) for r in first] == [
        (118, 10, 1, 20),
        (119, 10, 2, 20),
        (116, 9, 3, 20),
    ]
    assert [r.key for r in second] == [117, 114, 115]
    assert [r.place for r in sample] == [1, 2, 6, 12, 18]
    assert [(r.key, r.credits) for r in named] == [("deploy", 110)]
    assert none == []


def test_a_sample_of_a_crowd_that_is_no_multiple_of_it(pool, monkeypatch):
    monkeypatch.setattr(usage_reading, "SAMPLE", 4)
    entries = [Entry(Deduct(1, Attribution(100 + n, None, "deploy", 1))) for n in range(22)]
    commit({pool: entries}, START + A_DAY)
    sum_usage_of(pool)
    with read_connection() as connection:
        where = span(connection, pool, None, None)
        sample = rank(connection, where, UsageBy.MEMBER, Wanted(1, 2, sample=True))
    assert [each.place for each in sample] == [1, 2, 6, 12, 18]
