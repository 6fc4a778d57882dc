"""Invoices with their payment, credit notes for refunds, and who may read them."""

import pytest

from app.domain.invoice import InvoiceKind, Line
from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound
from app.domain.role import Access, Role
from app.hookspecs import Money, TaxLine
from app.services.billing.invoices.body import invoice_in
from app.services.billing.invoices.details import Details, details_of, set_details
from app.services.billing.invoices.read import InvoiceState, list_invoices, read_invoice
from app.services.billing.invoices.write_invoice import (
    Billed,
    cancel_invoice,
    note_paid,
    write_credit_note,
    write_invoice,
)
from app.store.database import transaction
from app.store.invoices import invoice_by_key
from tests.conftest import START
from tests.services.racing import at_once

LINE = Line("500 credits", 1, 2500)
VAT = TaxLine("VAT 19 %", Money(399, "EUR"))


@pytest.fixture
def settings():
    return {"seller_name": "Example GmbH", "seller_address": "Weg 2; 50667 Köln ;Germany"}


@pytest.fixture
def owner(acme):
    return Access(acme.account.id, acme.alice.id, Role.OWNER)


@pytest.fixture
def billed(acme):
    def make(key="pay-1", **other):
        said = {"currency": "EUR", "lines": (LINE,), "provider": "Card", "tax": (VAT,)}
        return Billed(acme.account.id, key, **{**said, **other})

    return make


def write(billed):
    with transaction():
        return write_invoice(billed, START)


def credit(key, money, of="pay-1"):
    with transaction():
        return write_credit_note(key, of, money, "You asked for it.", START)


def test_a_paid_invoice_says_who_when_and_how_much(billed, owner):
    set_details(owner, Details("Acme Inc.", "1 Road\n\n 2 Town ", "US-1", "Books@acme.test"))
    write(billed(paid_at=START))
    view = read_invoice(owner, "INV-2026-00001")
    said = view.said
    assert (said.seller.name, said.seller.address[1]) == ("Example GmbH", "50667 Köln")
    assert (said.buyer.name, said.buyer.address) == ("Acme Inc.", ("1 Road", "2 Town"))
    assert (said.buyer.tax_number, said.buyer.email) == ("US-1", "books@acme.test")
    assert (said.total, said.net, said.payment) == (2500, 2101, "Paid on 15 January 2026: Card.")
    assert (view.state, view.paid_at, view.total) == ("paid", START, Money(2500, "EUR"))


def test_without_details_the_account_and_its_owner_are_the_buyer(billed, owner):
    buyer = invoice_in(write(billed())).buyer
    assert (buyer.name, buyer.email) == ("Acme", "alice@acme.test")
    assert details_of(owner) == Details()


def test_what_was_written_stays_when_details_change(billed, owner):
    write(billed())
    set_details(owner, Details("Another name"))
    assert read_invoice(owner, "INV-2026-00001").said.buyer.name == "Acme"
    assert invoice_in(write(billed("pay-2"))).buyer.name == "Another name"


def test_asked_again_it_is_the_same_invoice(billed, owner):
    first = write(billed(instructions="Transfer 25.00 EUR."))
    assert read_invoice(owner, first.number).state is InvoiceState.OPEN
    again = write(billed(paid_at=START))
    assert again.id == first.id
    view = read_invoice(owner, first.number)
    assert (view.state, view.said.payment) == (InvoiceState.PAID, "Transfer 25.00 EUR.")
    with transaction():
        note_paid("pay-1", "Card", START)
        note_paid("never", "Card", START)
    assert len(list_invoices(owner)) == 1


def test_eight_at_once_write_one_invoice(app, billed, owner):
    outcomes = at_once(app, *[lambda: write(billed(paid_at=START)).number] * 8)
    assert outcomes == ["INV-2026-00001"] * 8
    assert write(billed("pay-2")).number == "INV-2026-00002"


def test_credit_notes_name_their_invoice_and_take_back_its_tax(billed, owner):
    write(billed(paid_at=START))
    parts = [credit("refund-1", Money(1000, "EUR")), credit("refund-2", Money(1500, "EUR"))]
    said = [invoice_in(part) for part in parts]
    assert [part.number for part in parts] == ["CN-2026-00001", "CN-2026-00002"]
    assert {each.credits for each in said} == {"INV-2026-00001"}
    assert [each.tax[0].amount for each in said] == [160, 239]
    assert read_invoice(owner, "INV-2026-00001").state is InvoiceState.CREDITED
    assert read_invoice(owner, "CN-2026-00001").state is InvoiceState.CREDIT_NOTE


def test_a_credit_note_is_written_once_and_not_above_what_is_left(billed, owner):
    write(billed(paid_at=START))
    first = credit("refund-1", Money(2000, "EUR"))
    assert credit("refund-1", Money(2000, "EUR")).id == first.id
    with pytest.raises(Conflict):
        credit("refund-2", Money(501, "EUR"))
    with pytest.raises(InvalidRequest):
        credit("refund-2", Money(500, "USD"))
    assert credit("refund-2", Money(500, "EUR")).number == "CN-2026-00002"
    assert credit("refund-3", Money(500, "EUR"), of="no-invoice") is None


def test_refunds_at_once_never_take_back_more_than_all(app, billed, owner):
    write(billed(paid_at=START))
    deeds = [lambda key=key: credit(f"refund-{key}", Money(1000, "EUR")) for key in range(4)]
    outcomes = at_once(app, *deeds)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2
    notes = [view.number for view in list_invoices(owner) if view.said.credits]
    assert notes == ["CN-2026-00002", "CN-2026-00001"]


def test_an_unpaid_invoice_is_taken_back_once(billed, owner):
    write(billed())
    for _ in range(2):
        with transaction():
            note = cancel_invoice("pay-1", "It was cancelled.", START)
            assert note is not None
    assert (note.number, note.total, note.kind) == ("CN-2026-00001", 2500, InvoiceKind.CREDIT_NOTE)
    write(billed("pay-2", paid_at=START))
    with transaction():
        assert cancel_invoice("pay-2", "It was cancelled.", START) is None


@pytest.mark.parametrize("tax", [Money(399, "USD"), Money(2501, "EUR")])
def test_tax_that_can_not_be(billed, owner, tax):
    with pytest.raises(InvalidRequest):
        write(billed(tax=(TaxLine("VAT", tax),)))
    assert invoice_by_key("pay-1") is None
    assert write(billed("pay-2")).number == "INV-2026-00001"


def test_only_the_owner_reads_and_sets(billed, acme):
    write(billed())
    for person, role in ((acme.carol, Role.ADMIN), (acme.bob, Role.MEMBER)):
        access = Access(acme.account.id, person.id, role)
        for deed in (
            lambda access=access: list_invoices(access),
            lambda access=access: read_invoice(access, "INV-2026-00001"),
            lambda access=access: details_of(access),
            lambda access=access: set_details(access, Details("Mine")),
        ):
            with pytest.raises(Forbidden):
                deed()


def test_another_account_sees_nothing(billed, acme):
    write(billed())
    other = Access(acme.account.id + 1000, acme.alice.id, Role.OWNER)
    assert list_invoices(other) == []
    for number in ("INV-2026-00001", "\x00"):
        with pytest.raises(NotFound):
            read_invoice(other, number)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 101),
        ("address", "\n".join("abcdefg")),
        ("address", "x" * 501),
        ("tax_number", "1" * 41),
        ("email", "nobody"),
    ],
)
def test_details_that_can_not_be(owner, field, value):
    with pytest.raises(InvalidRequest) as refused:
        set_details(owner, Details(**{field: value}))
    assert refused.value.errors[0][0] == field


def test_the_list_goes_on_page_by_page(billed, owner):
    for key in range(5):
        write(billed(f"pay-{key}"))
    first = list_invoices(owner, limit=3)
    rest = list_invoices(owner, limit=3, before=first[-1].id)
    assert [view.number[-1] for view in first + rest] == ["5", "4", "3", "2", "1"]
