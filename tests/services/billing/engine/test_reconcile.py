"""The books: what a provider has and we don't, and the other way round, found and told once."""

from datetime import timedelta

import pytest

from app.domain.refusals import Conflict
from app.services.billing.reconcile import book_differences, reconcile, reconcile_all
from app.services.billing.refund import refund_pack
from app.store.database import db
from app.store.people import person_by_email
from tests.conftest import START
from tests.services.cast import mails_to

WEEK = timedelta(days=7)


@pytest.fixture
def operator(cast):
    person_by_email(cast.email("ben")).is_operator = True
    db.session.commit()
    return cast.email("ben")


def kinds():
    return sorted(each.kind for each in book_differences())


def compare(now=START + timedelta(hours=1)):
    return reconcile("bank", now - WEEK, now, now)


def test_books_that_agree(alice, bob, till):
    refunded = till.pack(alice).key
    till.pack(alice)
    till.plan(bob, "pro")
    refund_pack(alice, refunded, START)
    assert compare() == []


def test_each_kind_of_difference_is_found_told_once_and_goes(cast, alice, till, operator):
    amount, refunded, state, gone = [till.pack(alice).key for _ in range(4)]
    bank = till.bank
    bank.write(("UPDATE charges SET amount = 1 WHERE key = ?", amount))
    bank.refund("elsewhere", refunded, 700, "EUR")
    till.fate("stay pending until the payer pays or gives up")
    state = till.pack(alice).key
    bank.end(state, "processed")
    bank.write(("UPDATE charges SET state = 'declined' WHERE key = ?", gone))
    bank.begin("of somebody else", "x", 100, "EUR", "processed")
    found = {(each.kind, each.about): (each.ours, each.theirs) for each in compare()}
    assert found == {
        ("amount", amount): ("25.00 EUR", "0.01 EUR"),
        ("refunded", refunded): ("0.00 EUR", "7.00 EUR"),
        ("state", state): ("pending", "processed"),
        ("missing there", gone): ("25.00 EUR", "nothing"),
        ("missing here", "of somebody else"): ("nothing", "1.00 EUR"),
    }
    assert len(compare()) == len(kinds()) == 5
    assert len(mails_to(operator, "books_differ")) == 1
    bank.write(("UPDATE charges SET amount = 2500 WHERE key = ?", amount))
    compare()
    assert kinds() == ["missing here", "missing there", "refunded", "state"]
    assert len(mails_to(operator, "books_differ")) == 1


def test_every_provider_that_is_there_is_compared(till, later, operator):
    till.bank.begin("of somebody else", "x", 100, "EUR", "processed")
    assert reconcile_all(START) == 0  # what moved a moment ago may not have reached us
    assert reconcile_all(later(hours=1)) == 1
    till.away()
    assert reconcile_all(later(hours=1)) == 0
    with pytest.raises(Conflict, match="can't tell"):
        compare()
    with pytest.raises(Conflict, match="not there"):
        reconcile("cash", START - WEEK, START, START)
    assert kinds() == ["missing here"]
