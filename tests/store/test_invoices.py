"""Numbers of invoices have no gaps, whoever writes at the same time, and rows never change."""

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.invoice import InvoiceKind
from app.store.database import UniqueTaken, db, transaction
from app.store.invoices import InvoiceRow, add_numbered, credited, invoice_by_key
from tests.conftest import START
from tests.services.racing import at_once


def row(account, key, **other):
    said = {
        "series": "INV-2026",
        "kind": InvoiceKind.INVOICE,
        "account_id": account.id,
        "key": key,
        "issued_at": START,
        "currency": "EUR",
        "total": 100,
        "body": {},
    }
    return InvoiceRow(**{**said, **other})


def numbers():
    found = db.session.scalars(db.select(InvoiceRow.number).order_by(InvoiceRow.position))
    return list(found)


class UndoneError(Exception):
    pass


def test_eight_threads_leave_no_gap_although_some_are_undone(app, acme):
    account = acme.account

    def write(thread):
        for turn in range(6):
            try:
                with transaction():
                    add_numbered(row(account, f"{thread}-{turn}"))
                    if (thread + turn) % 3 == 0:
                        raise UndoneError
            except UndoneError:
                pass

    outcomes = at_once(app, *(lambda thread=thread: write(thread) for thread in range(8)))
    assert outcomes == [None] * 8
    assert numbers() == [f"INV-2026-{position:05}" for position in range(1, 33)]


def test_a_key_that_was_taken_gives_its_number_back(app, acme):
    with transaction():
        add_numbered(row(acme.account, "one"))
    with transaction():
        with pytest.raises(UniqueTaken):
            add_numbered(row(acme.account, "one"))
        add_numbered(row(acme.account, "two"))
    assert numbers() == ["INV-2026-00001", "INV-2026-00002"]


def test_each_series_counts_by_itself(app, acme):
    with transaction():
        add_numbered(row(acme.account, "one"))
        invoice = add_numbered(row(acme.account, "two", series="INV-2027"))
        note = {"kind": InvoiceKind.CREDIT_NOTE, "credits_id": invoice.id, "series": "CN-2027"}
        add_numbered(row(acme.account, "three", total=40, **note))
    found = [invoice_by_key(key).number for key in ("one", "two", "three")]
    assert found == ["INV-2026-00001", "INV-2027-00001", "CN-2027-00001"]
    assert credited([invoice.id]) == {invoice.id: 40}


@pytest.mark.parametrize("statement", ["UPDATE invoices SET total = 1", "DELETE FROM invoices"])
def test_the_database_refuses_to_change_an_invoice(app, acme, statement):
    with transaction():
        add_numbered(row(acme.account, "one"))
    with pytest.raises(DatabaseError, match="an invoice never changes"), transaction():
        db.session.execute(db.text(statement))
    assert invoice_by_key("one").total == 100
