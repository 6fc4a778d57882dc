"""Blocks of days: any range is made up of few, and each is the sum of its halves."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.day_block import block_of, completed, cover, day_of

A_DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def days_of(block):
    return [day_of(block) + n * A_DAY for n in range(1 << (block & 15))]


@given(DAYS, st.integers(0, 800))
def test_a_range_is_covered_once_by_few(first, length):
    last = first + length * A_DAY
    blocks = cover(first, last)
    covered = [day for block in blocks for day in days_of(block)]
    assert covered == [first + n * A_DAY for n in range(length + 1)]
    assert len(blocks) <= 14 + length // 128
    assert length > 31 or len(blocks) <= 9


def test_nothing_is_covered_by_nothing():
    assert cover(date(2026, 1, 2), date(2026, 1, 1)) == []
    assert cover(date(2026, 1, 1), date(2026, 1, 1)) == [block_of(date(2026, 1, 1))]


@given(DAYS, st.lists(st.integers(0, 90), min_size=1, max_size=6))
def test_blocks_that_are_completed_bit_by_bit_are_all_that_a_range_needs(first, steps):
    """Whatever is complete can be added up from its halves, and nothing is added up twice."""
    there, seen = {block_of(first + n * A_DAY) for n in range(sum(steps) + 1)}, []
    before = first - A_DAY
    for step in steps:
        for block, halves in completed(before, before + step * A_DAY):
            seen.append(block)
            within = [half for half in halves if day_of(half) >= first]
            assert not within or there.intersection(halves)
            there.add(block)
        before += step * A_DAY
    assert len(seen) == len(set(seen))
    assert there.issuperset(cover(first, before))
