"""The invoice provider on the portal's own tables: the kit, and money counted to the last cent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.conformance.billing import BillingConformance
from app.hookspecs import Cancelled, Declined, Money, Pending, Processed
from app.services.plugins.installed import installed
from plugins.billing_invoice.books import Books
from plugins.billing_invoice.conformance import InvoiceBench, TestInvoice
from plugins.billing_invoice.reference import is_right, reference_for, spaced
from tests.plugins.invoice_world import World
from tests.services.racing import at_once

__all__ = ["TestInvoice"]  # the kit as an author has it, with no portal around


@pytest.fixture
def tables(app):
    manager = installed()
    return manager.lend(manager.plugins["billing_invoice"]).tables


@pytest.fixture
def world(tables):
    return World(tables)


@pytest.mark.slow
class TestOnThePortalsTables(BillingConformance):
    """The whole kit once more, on SQLite and PostgreSQL as the host lends them."""

    @pytest.fixture
    def bench(self, tables):
        return InvoiceBench(tables)


def test_a_charge_is_a_receivable_with_tax_and_a_due_date(world):
    owed = world.charge()
    outcome = world.provider.find_charge(owed.key, None)
    assert isinstance(outcome, Pending)
    assert (outcome.reference, is_right(owed.reference)) == (owed.reference, True)
    assert spaced(owed.reference) in outcome.instructions
    assert "by 7 December 2026" in outcome.instructions
    (tax,) = outcome.tax
    assert (tax.words, tax.money) == ("VAT 19 %", Money(399, "EUR"))
    world.come(owed, owed.money)
    assert world.provider.find_charge(owed.key, None).tax == outcome.tax


def test_what_was_agreed_stays_when_settings_change(world):
    owed = world.charge()
    world.settings["tax_percent"], world.settings["iban"] = "7", ""
    outcome = world.provider.find_charge(owed.key, None)
    assert outcome.tax[0].words == "VAT 19 %"
    assert "DE89" in outcome.instructions
    later = world.charge()
    assert "operator of this portal tells you" in later.instructions


def test_without_tax_there_is_no_line_of_it(world):
    world.settings["tax_percent"] = "0"
    assert world.provider.find_charge(world.charge().key, None).tax == ()


def test_a_reference_that_is_taken_gives_way_to_another(world):
    tables, key = world.tables, "second"
    first = world.charge()
    wanted = reference_for(key)
    change = "UPDATE billing_invoice_receivables SET reference = :wanted WHERE key = :key"
    tables.write((change, {"wanted": wanted, "key": first.key}))
    second = world.charge(key=key)
    assert second.reference == reference_for(key, 1) != wanted


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_to_pay(world, amount):
    assert world.charge(amount) is None


def test_part_payments_add_up(world):
    owed = world.charge()
    part = world.come(owed, Money(1000, "EUR"))
    assert (part.state, part.missing, part.surplus.amount) == ("open", Money(1500, "EUR"), 0)
    assert isinstance(world.provider.find_charge(owed.key, None), Pending)
    whole = world.come(owed, Money(1500, "EUR"))
    assert (whole.state, whole.missing.amount, whole.settled_at) == ("paid", 0, world.now)
    outcome = world.provider.find_charge(owed.key, None)
    assert isinstance(outcome, Processed)
    assert outcome.money == Money(2500, "EUR")


def test_too_much_is_a_surplus_and_goes_back(world):
    owed = world.charge()
    paid = world.come(owed, Money(3000, "EUR"))
    assert (paid.state, paid.surplus) == ("paid", Money(500, "EUR"))
    assert [each.key for each in world.books.search("surplus", "", world.now.date(), 9)] == [
        owed.key
    ]

    def back(receipt, amount):
        money, day = Money(amount, "EUR"), world.now.date()
        return world.books.note_return(receipt, owed.reference, money, day, "op", world.now)

    world.now += timedelta(hours=1)
    assert not back("back-1", 501)
    assert back("back-1", 500)
    assert not back("back-1", 500)
    assert not back("back-2", 1)
    after = world.books.by_key(owed.key)
    assert (after.state, after.surplus.amount, after.received) == ("paid", 0, Money(2500, "EUR"))
    assert [each.amount.amount for each in world.books.receipts(owed.reference)] == [3000, -500]


def test_money_for_what_was_given_up_is_a_surplus(world):
    owed = world.charge()
    world.come(owed, Money(1000, "EUR"))
    assert isinstance(world.provider.cancel_charge(owed.key, None), Cancelled)
    after = world.come(owed, Money(2500, "EUR"))
    assert (after.state, after.surplus) == ("cancelled", Money(3500, "EUR"))
    assert isinstance(world.provider.find_charge(owed.key, None), Cancelled)


def test_a_receipt_counts_once_and_another_currency_not_at_all(world):
    owed = world.charge()
    for _ in range(2):
        world.come(owed, Money(1000, "EUR"), receipt="same")
    assert world.come(owed, Money(1000, "USD")).received == Money(1000, "EUR")


def test_eight_desks_at_once_count_every_receipt_once(app, world):
    owed = world.charge(amount=8000)

    def note(number):
        return lambda: world.come(owed, Money(1000, "EUR"), receipt=f"receipt-{number}")

    at_once(app, *(note(number) for number in range(8)))
    assert world.books.by_key(owed.key).state == "paid"
    assert world.books.by_key(owed.key).received == Money(8000, "EUR")
    at_once(app, *(note(number) for number in range(8)))
    assert world.books.by_key(owed.key).received == Money(8000, "EUR")


def test_one_charge_at_once_is_one_receivable(app, world):
    at_once(app, *[lambda: world.charge(key="same").reference] * 8)
    assert len(world.books.search("all", "", world.now.date(), 10)) == 1


def test_refunds_at_once_never_owe_more_than_was_paid(app, world):
    owed = world.paid(amount=2500)
    outcomes = at_once(app, *[lambda: world.refund(owed, 1000)[1]] * 6)
    assert sum(isinstance(outcome, Pending) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, Declined) for outcome in outcomes) == 4
    assert len(world.books.to_send(10)) == 2


def test_a_refund_waits_until_it_was_sent(world):
    owed = world.paid()
    key, outcome = world.refund(owed, 1000)
    assert isinstance(outcome, Pending)
    (payment,) = world.provider.payments(world.now, world.now + timedelta(seconds=1))
    assert (payment.reference, payment.refunded) == (owed.reference, 0)
    assert world.books.send(key, world.now.date())
    assert not world.books.send(key, world.now.date())
    assert isinstance(world.provider.find_refund(key, None), Processed)
    (payment,) = world.provider.payments(world.now, world.now + timedelta(seconds=1))
    assert payment.refunded == 1000


@pytest.mark.parametrize(("amount", "currency"), [(0, "EUR"), (2501, "EUR"), (1000, "USD")])
def test_refunds_that_can_not_be(world, amount, currency):
    owed = world.paid()
    wrong = replace(owed, money=Money(2500, currency))
    assert isinstance(world.refund(wrong, amount)[1], Declined)


def test_the_list_is_searched_sorted_and_added_up(world):
    soon = world.charge(name="Zeta Ltd", account="zeta")
    world.now -= timedelta(days=20)
    late = world.charge(amount=900, currency="JPY", name="100%_sure", account="yen")
    world.now += timedelta(days=20)
    paid = world.paid(account="paid", name="Done")
    today = world.now.date()

    def keys(shown, sought=""):
        return [each.key for each in world.books.search(shown, sought, today, 10)]

    assert keys("open") == [late.key, soon.key]
    assert keys("overdue") == [late.key]
    assert keys("paid") == [paid.key]
    assert set(keys("all")) == {late.key, soon.key, paid.key}
    assert keys("open", "zeta") == keys("open", "ZETA LTD") == keys("open", soon.reference)
    assert keys("open", "zeta") == [soon.key]
    assert keys("open", "100%") == [late.key]
    assert keys("open", "nobody") == []
    world.come(soon, Money(500, "EUR"))
    assert world.books.totals() == [(Money(2000, "EUR"), 1), (Money(900, "JPY"), 1)]


def test_many_receipts_are_looked_up_in_parts(world):
    owed = world.charge()
    world.come(owed, Money(1, "EUR"), receipt="r-700")
    ids = [f"r-{number}" for number in range(1200)]
    assert Books(world.tables).known_receipts(ids) == {"r-700"}
