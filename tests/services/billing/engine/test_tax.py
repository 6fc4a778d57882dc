"""Tax as a provider tells it: on the invoice where it can be, not believed where it can't."""

import pytest

from app.conformance.billing import Fate
from app.domain.payment import AttemptState
from app.hookspecs import Money, Pending, Processed, TaxLine
from app.services.billing.invoices.read import list_invoices
from app.services.billing.providers import wrong_outcome
from app.services.billing.record import take_outcome

PRICE = Money(2500, "EUR")


def vat(amount, currency="EUR"):
    return (TaxLine("VAT 19 %", Money(amount, currency)),)


@pytest.fixture
def key(alice, till):
    till.fate(Fate.STAY_PENDING)
    return till.pack(alice).key


def test_it_stands_on_the_invoice(alice, till, clock, key):
    take_outcome(key, Processed("p-1", PRICE, vat(399)), clock.now())
    (tax,) = list_invoices(alice)[0].said.tax
    assert (tax.words, tax.amount) == ("VAT 19 %", 399)


@pytest.mark.parametrize("tax", [vat(2501), vat(399, "USD"), vat(1500) + vat(1500)])
@pytest.mark.parametrize("paid", [True, False])
def test_tax_that_is_not_contained_is_not_believed(alice, till, clock, key, tax, paid):
    outcome = Processed("p-1", PRICE, tax) if paid else Pending("p-1", instructions="Pay.", tax=tax)
    assert take_outcome(key, outcome, clock.now()) is not AttemptState.PROCESSED
    assert list_invoices(alice) == []
    take_outcome(key, Processed("p-1", PRICE, vat(399)), clock.now())
    assert list_invoices(alice)[0].state == "paid"


@pytest.mark.parametrize(
    "tax", [(1,), vat(-1), vat(True), vat(1.5), (TaxLine(None, PRICE),), [*vat(1)]]
)
def test_what_is_no_tax(tax):
    assert wrong_outcome(Processed("p-1", PRICE, tax)) is not None
    assert wrong_outcome(Pending("p-1", tax=tax)) is not None
    assert wrong_outcome(Pending("p-1", tax=vat(0))) is None
