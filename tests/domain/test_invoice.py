"""What an invoice may say, how it is numbered, and how tax is credited to the last cent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.invoice import (
    Invoice,
    InvoiceKind,
    Line,
    Party,
    Tax,
    credited_tax,
    number_of,
    series_of,
)
from app.domain.refusals import Conflict, InvalidRequest

AT = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
INVOICE = Invoice(
    InvoiceKind.INVOICE,
    AT,
    Party("Seller"),
    Party("Buyer"),
    "EUR",
    (Line("500 credits", 2, 2500), Line("Setting up", 1, 900)),
    (Tax("VAT 19 %", 942),),
    "Paid.",
)


def test_sums():
    assert (INVOICE.total, INVOICE.net) == (5900, 4958)


def test_each_year_begins_a_series():
    assert number_of(series_of("INV", AT), 1) == "INV-2026-00001"
    assert number_of(series_of("INV", AT.replace(year=2027)), 123456) == "INV-2027-123456"


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": ()},
        {"lines": (Line("nothing", 0, 100),)},
        {"lines": (Line("less", 1, -100),)},
        {"tax": (Tax("VAT", 5901),)},
        {"tax": (Tax("VAT", -1),)},
    ],
)
def test_sums_that_no_invoice_has(wrong):
    with pytest.raises(InvalidRequest):
        replace(INVOICE, **wrong)


def test_an_invoice_over_nothing_can_be_written():
    assert replace(INVOICE, lines=(Line("Gift", 1, 0),), tax=()).total == 0


@given(
    tax=st.lists(st.integers(0, 10_000), min_size=1, max_size=3),
    parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=6),
)
def test_credit_notes_over_all_take_back_exactly_the_tax(tax, parts):
    total = sum(parts)
    whole = [Tax(f"tax {index}", min(each, total)) for index, each in enumerate(tax)]
    before, taken = 0, [0] * len(whole)
    for part in parts:
        credited = credited_tax(whole, total, before, part)
        assert all(0 <= each.amount <= part for each in credited)
        taken = [sum(pair) for pair in zip(taken, (each.amount for each in credited), strict=True)]
        before += part
    assert taken == [each.amount for each in whole]


@pytest.mark.parametrize("amount", [0, -1, 51])
def test_a_credit_note_takes_back_what_is_left_and_no_more(amount):
    with pytest.raises(Conflict):
        credited_tax((), 100, 50, amount)
