"""The owner's invoices: the list, PDFs and receipts, and the details that they say."""

import csv
import io

import pytest
from pypdf import PdfReader

from app.domain.invoice import Line
from app.hookspecs import Money, TaxLine
from app.services.billing.invoices.write_invoice import Billed, write_credit_note, write_invoice
from app.services.people.sign_up import create_person
from app.store.database import transaction
from tests.conftest import PASSWORD, START

LIST = "/accounts/acme/billing/invoices"


@pytest.fixture
def bill(acme):
    """Write an invoice of Acme's."""

    def write(key="pay-1", **other):
        with transaction():
            vat = TaxLine("VAT 19 %", Money(399, "EUR"))
            line = Line("500 credits", 1, 2500)
            said = {"paid_at": START, "tax": (vat,), **other}
            return write_invoice(
                Billed(acme.account.id, key, "EUR", (line,), "Card", **said), START
            ).number

    return write


def read(page_answer):
    return PdfReader(io.BytesIO(page_answer.data)).pages[0].extract_text()


def test_without_invoices_it_says_what_to_do(acme, open_browser):
    page = open_browser(acme.alice).get(LIST)
    assert "There is no invoice yet" in page.main
    assert "/accounts/acme/billing/details" in page.links()


def test_the_list_leads_to_pdfs(acme, bill, open_browser):
    bill()
    bill("pay-2", paid_at=None, instructions="Please transfer 25.00 EUR.")
    with transaction():
        write_credit_note("refund-1", "pay-1", Money(1000, "EUR"), "Sorry.", START)
    browser = open_browser(acme.alice)
    rows = browser.get(LIST).rows("invoices")
    assert [row[0] for row in rows] == ["CN-2026-00001", "INV-2026-00002", "INV-2026-00001"]
    assert [row[4] for row in rows] == ["\u221210.00 EUR", "25.00 EUR", "25.00 EUR"]
    assert "to be paid" in rows[1][3]
    assert "10.00 EUR taken back" in rows[2][3]
    answer = browser.ask(f"{LIST}/INV-2026-00001.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "INV-2026-00001.pdf" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "VAT 19 % 3.99 EUR" in read(answer)
    assert "was paid on 15 January 2026" in read(browser.ask(f"{LIST}/INV-2026-00001/receipt.pdf"))
    assert browser.get(f"{LIST}/INV-2026-00002/receipt.pdf").status == 404


def test_another_accounts_number_is_not_found(acme, bill, charlie, open_browser):
    bill()
    own = f"/accounts/{charlie.email.split('@')[0]}"
    browser = open_browser(charlie)
    found = [link for link in browser.get("/").links() if link.startswith(own)]
    slug = found[0].split("/")[2]
    answer = browser.ask(f"/accounts/{slug}/billing/invoices/INV-2026-00001.pdf")
    assert answer.status_code == 404


def test_details_are_on_the_next_invoice(acme, bill, open_browser):
    browser = open_browser(acme.alice)
    page = browser.submit(
        "/accounts/acme/billing/details",
        name="Acme Inc.",
        address="1 Road\r\nTown",
        tax_number="US-1",
    )
    assert "The next invoice says so." in page.source
    text = read(browser.ask(f"{LIST}/{bill()}.pdf"))
    assert "Acme Inc." in text
    assert "Tax number US-1" in text


def test_what_is_wrong_with_details_stands_beside_the_field(acme, open_browser):
    page = open_browser(acme.alice).submit("/accounts/acme/billing/details", email="nobody")
    assert page.status == 422
    assert any("not an e-mail address" in error for error in page.errors())


@pytest.fixture
def operator(app):
    return create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)


def test_operators_have_copies_of_all(acme, bill, operator, open_browser):
    browser = open_browser(operator)
    assert "No invoice was written yet" in browser.get("/admin/invoices").main
    bill()
    with transaction():
        write_credit_note("refund-1", "pay-1", Money(1000, "EUR"), "Sorry.", START)
    rows = browser.get("/admin/invoices").rows("invoices")
    assert [row[0] for row in rows] == ["CN-2026-00001", "INV-2026-00001"]
    copy = browser.ask("/admin/invoices/INV-2026-00001.pdf").data
    assert copy == open_browser(acme.alice).ask(f"{LIST}/INV-2026-00001.pdf").data
    assert browser.get("/admin/invoices/INV-2026-00009.pdf").status == 404


def test_the_journal_of_a_year(acme, bill, operator, open_browser):
    browser = open_browser(acme.alice)
    browser.submit("/accounts/acme/billing/details", name="=Acme", tax_number="US-1")
    bill()
    with transaction():
        write_credit_note("refund-1", "pay-1", Money(1000, "EUR"), "Sorry.", START)
    answer = open_browser(operator).ask("/admin/invoices.csv?year=2026")
    head, *lines = csv.reader(io.StringIO(answer.get_data(as_text=True)))
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert [line["number"] for line in found] == ["INV-2026-00001", "CN-2026-00001"]
    assert [(line["net"], line["tax"], line["total"]) for line in found] == [
        ("21.01", "3.99", "25.00"),
        ("-8.40", "-1.60", "-10.00"),
    ]
    assert found[0]["buyer"] == "'=Acme"
    assert (found[0]["paid_on"], found[1]["credits"]) == ("2026-01-15", "INV-2026-00001")
    other = open_browser(operator).ask("/admin/invoices.csv?year=2025")
    assert other.get_data(as_text=True).count("\n") == 1
