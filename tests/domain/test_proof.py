"""PRODUCT, The pool, 10: always provable. Whatever is changed behind the books is named."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.command import AddGrant, Capture, RefundDeduction
from app.domain.grant import Draw, Source
from app.domain.proof import prove
from app.domain.transaction import TransactionKind
from tests.domain.sample_pool import FREE, apply, deduct, every_grant, later, on_plan, place


class Books:
    """A small history and everything that is written down of it."""

    def __init__(self):
        pool = on_plan(FREE)
        apply(pool, AddGrant(Source.TOP_UP, 50))
        paid = deduct(pool, 7)
        apply(pool, RefundDeduction(paid.seq, 3, "mistake"))
        tomorrow = later(days=1)
        apply(pool, Capture(place(pool, 3, tomorrow).number, 2), tomorrow)
        place(pool, 4, tomorrow)
        self.pool = pool
        self.grants = deepcopy(every_grant(pool))
        self.holds = [hold for hold in pool.holds.values() if hold.state == "active"]
        self.lines = deepcopy(pool.lines)
        pool.grants = [grant for grant in pool.grants if grant.is_open()]
        self.usage = self._usage()

    def _usage(self):
        credits, counts = Counter(), Counter()
        for line in self.lines:
            if line.kind in (TransactionKind.DEDUCTION, TransactionKind.REFUND):
                who = line.attribution
                key = (line.at.date(), who.member, who.app, who.action)
                credits[key] -= line.credits
                counts[key] += line.kind is TransactionKind.DEDUCTION
        return {key: (credits[key], counts[key]) for key in credits}

    def difference(self):
        return prove(self.pool, self.grants, self.holds, self.lines, self.usage)


@pytest.fixture
def books():
    return Books()


def test_sound_books_have_no_difference(books):
    assert books.difference() is None


def line_of(books, kind):
    return next(line for line in books.lines if line.kind == kind)


def test_a_missing_line_is_noticed(books):
    del books.lines[3]
    assert str(books.difference()) == "numbers without gaps: 4 by the lines, 5 by the books"


def test_a_missing_last_line_is_noticed(books):
    del books.lines[-1]
    assert books.difference().what == "last number"


@pytest.mark.parametrize("kind", ["allocation", "top_up", "deduction", "refund", "expiry"])
def test_changed_credits_of_a_line_are_noticed(books, kind):
    line = line_of(books, kind)
    line.credits += 1
    assert books.difference().what == f"line {line.seq}, balance after"


def test_credits_moved_to_another_grant_are_noticed(books):
    line = line_of(books, "deduction")
    line.draws = [Draw(1, 4), Draw(2, 3)]
    assert books.difference().what == "grant 1, used"


def test_draws_that_dont_add_up_are_noticed(books):
    line = line_of(books, "deduction")
    line.draws = line.draws[:1]
    assert books.difference().what == f"line {line.seq}, credits drawn"


def test_lines_out_of_the_order_of_time_are_noticed(books):
    books.lines[2].at += timedelta(days=9)
    assert books.difference().what == "line 4, in order of time"


def test_a_pool_whose_time_is_before_its_last_line_is_noticed(books):
    books.pool.at = later(hours=1)
    assert books.difference().what == "time of the last change"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("seq", "last number"),
        ("balance", "balance"),
        ("held", "held"),
        ("grant_count", "last grant's number"),
    ],
)
def test_changed_totals_are_noticed(books, name, what):
    setattr(books.pool, name, getattr(books.pool, name) + 1)
    assert books.difference().what == what


@pytest.mark.parametrize("name", ["granted", "remaining", "held", "used", "expired"])
@pytest.mark.parametrize("index", [0, 1])
def test_a_changed_grant_is_noticed(books, name, index):
    grant = books.grants[index]
    setattr(grant, name, getattr(grant, name) + 1)
    assert books.difference().what in (f"grant {grant.number}, {name}", "open grants")


def test_a_missing_grant_and_one_too_many_are_noticed(books):
    books.grants.append(replace(books.grants[0], number=9))
    assert books.difference().what == "number of grants"
    del books.grants[-2:]
    assert books.difference().what == "number of grants"


def test_an_open_grant_that_is_not_used_any_more_is_noticed(books):
    books.pool.grants.pop()
    assert books.difference().what == "open grants"


def test_a_missing_hold_and_changed_credits_of_one_are_noticed(books):
    books.holds[0].credits += 1
    assert books.difference().what == "hold 2, credits"
    books.holds.clear()
    assert books.difference().what == "held"


@pytest.mark.parametrize("field", ["member", "app", "action"])
def test_a_line_attributed_to_somebody_else_is_noticed(books, field):
    line = line_of(books, "deduction")
    other = "refine.simple" if field == "action" else 9
    line.attribution = replace(line.attribution, **{field: other})
    assert books.difference().what.startswith("usage on 2026-01-31 by member ")


@pytest.mark.parametrize("change", [(1, 0), (0, 1)])
def test_a_changed_usage_row_is_noticed(books, change):
    key, (credits, count) = next(iter(books.usage.items()))
    books.usage[key] = (credits + change[0], count + change[1])
    assert books.difference().what == (
        "usage on 2026-01-31 by member 2, app 1, deploy (credits, deductions)"
    )


def test_a_missing_usage_row_and_one_too_many_are_noticed(books):
    key = next(iter(books.usage))
    books.usage[(*key[:3], "other")] = (1, 1)
    assert books.difference().by_lines == (0, 0)
    del books.usage[(*key[:3], "other")], books.usage[key]
    assert books.difference().by_books == (0, 0)
